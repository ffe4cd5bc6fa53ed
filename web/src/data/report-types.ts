/** A column's unit: how its values are written, aligned and compared. */
export type Unit =
  | 'money'
  | 'count'
  | 'ratio'
  | 'number'
  | 'days'
  | 'hours'
  | 'seconds'
  | 'text'
  | 'date'
  | 'timestamp'
  /** An hour on the shop's clock, `2025-01-31 14:00`. */
  | 'hour'
  | 'flag'

export type Value = string | number | boolean | null | readonly unknown[] | object

export interface ReportColumn {
  readonly name: string
  readonly unit: Unit
  readonly label: string
  /** Name of the metric that defines it, where there is one. */
  readonly metric?: string
}

export interface Chart {
  readonly kind: 'line' | 'bar' | 'funnel' | 'heatmap' | 'scatter' | 'tiles' | 'table'
  readonly x?: string
  readonly y: readonly string[]
  readonly series?: string
}

export interface Parameter {
  readonly name: string
  readonly type: 'date' | 'count' | 'text' | 'choice'
  readonly default?: string
  readonly description: string
  readonly range?: readonly [number, number]
  readonly choices?: readonly string[]
}

/** A report as GET /v1/reports lists it: its typed header. */
export interface ReportInfo {
  readonly name: string
  readonly title: string
  readonly question: string
  readonly group: string
  readonly note?: string
  readonly parameters: readonly Parameter[]
  readonly columns: readonly ReportColumn[]
  readonly chart: Chart
  /** The report that lists what this one counts. */
  readonly rows?: string
}

export type ReportValues = { readonly [name: string]: string | number }

interface Rows {
  readonly values: ReportValues
  readonly columns: readonly ReportColumn[]
  readonly rows: readonly (readonly Value[])[]
  readonly truncated: boolean
  readonly elapsed_ms: number
  readonly scanned_bytes: number | null
}

/** GET /v1/reports/{name}. */
export interface ReportAnswer extends Rows {
  readonly report: ReportInfo
  readonly sql: string
  readonly params: readonly (string | number)[]
  readonly fresh_to?: string | null
  /** With `compare=previous`: the stretch before, matched by weekday. */
  readonly before?: Rows
  /** The first day of the shop's data, where it lies within the stretch before, which is left out then. */
  readonly begins?: string
}

/** Whether the x axis is time. */
export function isOverTime(columns: readonly ReportColumn[], { kind, x }: Chart): boolean {
  const unit = columns.find(({ name }) => name === x)?.unit
  return (kind === 'line' || kind === 'bar') && ['date', 'timestamp', 'hour'].includes(unit ?? '')
}

/** Whether there may be rows beyond those of an answer: it has as many as were asked for, or the server cut it. */
export function isCut({ values, rows, truncated }: Rows): boolean {
  return truncated || rows.length === values.limit
}

/** A row by column name. */
export type Row = { readonly [column: string]: Value }

/** Rows by column name, in the order of the answer. */
export function rowsOf(answer: {
  readonly columns: readonly ReportColumn[]
  readonly rows: readonly (readonly Value[])[]
}): Row[] {
  return answer.rows.map((cells) =>
    Object.fromEntries(answer.columns.map((column, place) => [column.name, cells[place] ?? null])),
  )
}

/** A value as a number; undefined where it is none. Money and large counts come as decimal text. */
export function numberOf(value: Value | undefined): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value === '') return undefined
  const number = Number(value)
  return Number.isNaN(number) ? undefined : number
}

/** A value as text, empty for null. */
export function textOf(value: Value | undefined): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
