import { ShoplakeError } from '../errors.ts'
import type { Dialect } from './dialect.ts'
import type { Header, Parameter } from './header.ts'

/** Parameters as they were used: dates YYYY-MM-DD, counts numbers, the rest text. */
export type ReportValues = { readonly [name: string]: string | number }

/** A value and the SQL type that its placeholder is cast to. */
export interface BoundValue {
  readonly value: string | number
  readonly type: 'date' | 'integer' | 'varchar' | 'timestamp'
}

/** Parameters that every report may use without declaring them. */
export const IMPLIED = {
  today: "Today in the shop's zone.",
  now: 'This moment, UTC.',
} as const

const DAY_MS = 86_400_000
const DEFAULT_DAYS = 28
const LONGEST_DAYS = 3660
const TEXT_LIMIT = 500

/**
 * Every parameter of a report with defaults filled in, and what SQL binds them to.
 * Throws bad_request when a name is unknown or a value does not fit.
 */
export function bindValues(
  report: Header & { readonly name: string },
  params: { readonly [name: string]: string | number | undefined },
  clock: { readonly today: string; readonly now: number },
): { values: ReportValues; bound: ReadonlyMap<string, BoundValue> } {
  for (const name of Object.keys(params)) {
    if (!report.parameters.some((parameter) => parameter.name === name)) {
      const known = report.parameters.map((parameter) => parameter.name).join(', ')
      throw badRequest(`${report.name} has no parameter "${name}"; it takes ${known || 'none'}`)
    }
  }
  const values: { [name: string]: string | number } = {}
  const bound = new Map<string, BoundValue>([
    ['today', { value: clock.today, type: 'date' }],
    ['now', { value: sqlTimestamp(clock.now), type: 'timestamp' }],
  ])
  const given = withDates(report, params, clock.today)
  for (const parameter of report.parameters) {
    const value = read(parameter, given[parameter.name] ?? parameter.default ?? '')
    values[parameter.name] = value
    bound.set(parameter.name, { value, type: SQL_TYPES[parameter.type] })
  }
  const range = checkRange(values)
  if (range) {
    bound.set('dt_from', { value: shiftDate(range.from, -1), type: 'date' })
    bound.set('dt_to', { value: shiftDate(range.to, 1), type: 'date' })
  }
  return { values, bound }
}

const SQL_TYPES = { date: 'date', count: 'integer', text: 'varchar', choice: 'varchar' } as const

/** The parameters with missing dates filled in: today, and for `from` 28 days that end with `to`. */
function withDates(
  report: Header,
  params: { readonly [name: string]: string | number | undefined },
  today: string,
): { readonly [name: string]: string | number | undefined } {
  const filled: { [name: string]: string | number | undefined } = { ...params }
  const missing = (name: string) => filled[name] === undefined || filled[name] === ''
  const dates = report.parameters.filter((parameter) => parameter.type === 'date')
  for (const { name } of dates) if (name !== 'from' && missing(name)) filled[name] = today
  const to = String(filled.to)
  if (missing('from') && isDate(to)) filled.from = shiftDate(to, 1 - DEFAULT_DAYS)
  return filled
}

function read(parameter: Parameter, raw: string | number): string | number {
  if (parameter.type === 'count') return readCount(parameter, raw)
  const text = String(raw)
  if (parameter.type === 'date' && !isDate(text)) {
    throw badRequest(`${parameter.name} is "${text}"; it must be a date such as 2025-01-31`)
  }
  if (parameter.type === 'choice' && !parameter.choices!.includes(text)) {
    throw badRequest(
      `${parameter.name} is "${text}"; it must be one of ${parameter.choices!.join(', ')}`,
    )
  }
  if (text.length > TEXT_LIMIT)
    throw badRequest(`${parameter.name} has more than ${TEXT_LIMIT} characters`)
  return text
}

function readCount(parameter: Parameter, raw: string | number): number {
  const value = /^\d{1,9}$/.test(String(raw)) ? Number(raw) : Number.NaN
  const [low, high] = parameter.range ?? [0, 999_999_999]
  if (value >= low && value <= high) return value
  throw badRequest(
    `${parameter.name} is "${raw}"; it must be a whole number from ${low} to ${high}`,
  )
}

function checkRange(values: ReportValues): { from: string; to: string } | undefined {
  const { from, to } = values
  if (typeof from !== 'string' || typeof to !== 'string') return undefined
  const days = daysFrom(from, to)
  if (days < 1) throw badRequest(`from ${from} is after to ${to}`)
  if (days > LONGEST_DAYS)
    throw badRequest(`from ${from} to ${to} is more than ${LONGEST_DAYS} days`)
  return { from, to }
}

/**
 * The same parameters for the stretch before, matched by weekday: moved back by the length of the range, rounded up to
 * whole weeks. Values without `from` and `to` come back as they are.
 */
export function previousPeriod(values: ReportValues): ReportValues {
  const { from, to } = values
  if (typeof from !== 'string' || typeof to !== 'string') return values
  const shift = -Math.ceil(daysFrom(from, to) / 7) * 7
  return { ...values, from: shiftDate(from, shift), to: shiftDate(to, shift) }
}

/** SQL with its marks turned into placeholders, and the values in the order in which they fill them. */
export function numberParameters(
  marked: string,
  dialect: Dialect,
  bound: ReadonlyMap<string, BoundValue>,
): { sql: string; params: (string | number)[] } {
  const names: string[] = []
  const sql = marked.replace(MARK, (_, limit: string | undefined, name: string) => {
    const at = dialect === 'duckdb' ? names.indexOf(name) : -1
    const place = at === -1 ? names.push(name) : at + 1
    const placeholder = dialect === 'duckdb' ? `$${place}` : '?'
    // LIMIT takes a bare placeholder only, on Trino.
    return limit ? `${limit}${placeholder}` : `CAST(${placeholder} AS ${typeOf(bound, name)})`
  })
  return { sql, params: names.map((name) => bound.get(name)!.value) }
}

/** SQL with each mark turned into the expression that `write` gives for its name. */
export function writeParameters(marked: string, write: (name: string) => string): string {
  return marked.replace(
    MARK,
    (_, limit: string | undefined, name: string) => (limit ?? '') + write(name),
  )
}

const MARK = /(\bLIMIT\s+)?\uE000(\w+)\uE001/gi

function typeOf(bound: ReadonlyMap<string, BoundValue>, name: string): string {
  return bound.get(name)!.type.toUpperCase()
}

/** Days from one date to another, both counted. */
function daysFrom(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS + 1
}

function shiftDate(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10)
}

/** A calendar day of the years 1900 to 9998, so that a day more or less still has four digits. */
function isDate(text: string): boolean {
  if (!/^(19|[2-9]\d)\d\d-\d\d-\d\d$/.test(text) || text.startsWith('9999')) return false
  const parsed = Date.parse(text)
  return !Number.isNaN(parsed) && new Date(parsed).toISOString().startsWith(text)
}

function sqlTimestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', '')
}

function badRequest(detail: string): ShoplakeError {
  return new ShoplakeError('bad_request', detail)
}
