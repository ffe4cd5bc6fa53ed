import type { Problem } from './expand.ts'
import { parseReach, type Reach } from './reach.ts'

/**
 * What a column counts in: how it is stored, aligned and formatted. `money` is in the shop's currency; `hour` is an hour on
 * the shop's clock, such as 2025-01-31 14:00.
 */
export const UNITS = {
  money: 'decimal',
  count: 'whole',
  ratio: 'double',
  number: 'double',
  days: 'number',
  hours: 'double',
  seconds: 'double',
  text: 'text',
  date: 'date',
  timestamp: 'timestamp',
  hour: 'text',
  flag: 'boolean',
} as const

export type Unit = keyof typeof UNITS

export const CHARTS = ['line', 'bar', 'funnel', 'heatmap', 'scatter', 'tiles', 'table'] as const

export type ChartKind = (typeof CHARTS)[number]

export interface ReportColumn {
  readonly name: string
  readonly unit: Unit
  readonly label: string
  /** Name of the metric that defines it, when there is one. */
  readonly metric?: string
}

export interface Chart {
  readonly kind: ChartKind
  /** Column along the axis; absent for tiles and tables. */
  readonly x?: string
  /** Columns drawn. */
  readonly y: readonly string[]
  /** Column that splits y into series, or the second axis of a heatmap. */
  readonly series?: string
}

export type ParameterType = 'date' | 'count' | 'text' | 'choice'

export interface Parameter {
  readonly name: string
  readonly type: ParameterType
  /** As text; absent for dates, which default to the last 28 days. */
  readonly default?: string
  readonly description: string
  /** Inclusive bounds of a count. */
  readonly range?: readonly [number, number]
  readonly choices?: readonly string[]
}

/** The typed header of a report file. */
export interface Header {
  readonly title: string
  readonly question: string
  readonly group: string
  readonly note?: string
  readonly parameters: readonly Parameter[]
  readonly columns: readonly ReportColumn[]
  readonly chart: Chart
  readonly metrics: readonly string[]
  /** Name of the report that lists what this one counts, where there is one. */
  readonly rows?: string
  readonly models: readonly string[]
  /** Models that need not be read whole, with the days around those from `from` to `to`; without these, around today. */
  readonly reach: ReadonlyMap<string, Reach>
  /** Models of which only the rows of the keys in the first table of the report's WITH clause are wanted, with its name. */
  readonly chosen: ReadonlyMap<string, string>
}

/** One `-- key: value` line. */
export interface HeaderLine {
  readonly key: string
  readonly value: string
  readonly line: number
}

const ENTRY = /^-- ([a-z]+): (.+)$/
const MORE = /^-- {3}(\S.*)$/
const ONCE = ['title', 'question', 'group', 'note', 'chart', 'metrics', 'rows', 'models']
const KEYS = [...ONCE, 'parameter', 'column']

/**
 * Splits a file into its header lines and the SQL below. The header is the leading block of lines that begin with
 * `--`; a line with three blanks after the dashes continues the one above.
 */
export function splitFile(text: string): {
  lines: HeaderLine[]
  sql: string
  sqlLine: number
  problems: Problem[]
} {
  const all = text.split('\n')
  const lines: HeaderLine[] = []
  const problems: Problem[] = []
  let index = 0
  for (; all[index]?.startsWith('--'); index++) {
    const entry = ENTRY.exec(all[index]!)
    const more = MORE.exec(all[index]!)
    const last = lines.at(-1)
    if (entry) lines.push({ key: entry[1]!, value: entry[2]!.trim(), line: index + 1 })
    else if (more && last)
      lines[lines.length - 1] = { ...last, value: `${last.value} ${more[1]!.trim()}` }
    else
      problems.push({ line: index + 1, message: 'expected "-- key: value" or "--   more of it"' })
  }
  return { lines, sql: all.slice(index).join('\n'), sqlLine: index + 1, problems }
}

/** The header of a report; problems with line numbers where it does not hold together. */
export function parseHeader(lines: readonly HeaderLine[]): { header: Header; problems: Problem[] } {
  const problems: Problem[] = []
  const report = (line: number, message: string) => {
    problems.push({ line, message })
  }
  const once = readOnce(lines, report)
  const columns = lines
    .filter((line) => line.key === 'column')
    .map((line) => parseColumn(line, report))
  const parameters = lines
    .filter((line) => line.key === 'parameter')
    .map((line) => parseParameter(line, report))
  for (const key of ['title', 'question', 'group', 'chart', 'models']) {
    if (!once.has(key)) report(1, `"-- ${key}: …" is missing`)
  }
  if (columns.length === 0) report(1, '"-- column: …" is missing')
  refuseRepeats(lines, 'column', columns, report)
  refuseRepeats(lines, 'parameter', parameters, report)
  const note = once.get('note')?.value
  const header: Header = {
    title: once.get('title')?.value ?? '',
    question: once.get('question')?.value ?? '',
    group: once.get('group')?.value ?? '',
    ...(note === undefined ? {} : { note }),
    parameters,
    columns,
    chart: parseChart(once.get('chart'), columns, report),
    metrics: words(once.get('metrics')?.value),
    ...rowsOf(once.get('rows'), report),
    ...readModels(once.get('models'), report),
  }
  return { header, problems }
}

type ReportProblem = (line: number, message: string) => void

function readOnce(lines: readonly HeaderLine[], report: ReportProblem): Map<string, HeaderLine> {
  const once = new Map<string, HeaderLine>()
  for (const line of lines) {
    if (!KEYS.includes(line.key)) {
      report(line.line, `unknown key "${line.key}"; known are ${KEYS.join(', ')}`)
    }
    if (!ONCE.includes(line.key)) continue
    if (once.has(line.key)) report(line.line, `"${line.key}" stands twice`)
    once.set(line.key, line)
  }
  return once
}

function refuseRepeats(
  lines: readonly HeaderLine[],
  key: string,
  entries: readonly { name: string }[],
  report: ReportProblem,
): void {
  const own = lines.filter((line) => line.key === key)
  entries.forEach((entry, index) => {
    const first = entries.findIndex((other) => other.name === entry.name)
    if (first !== index) report(own[index]!.line, `${key} "${entry.name}" stands twice`)
  })
}

/** `name unit | Label` or `name unit | Label | metric`. */
function parseColumn(line: HeaderLine, report: ReportProblem): ReportColumn {
  const [head = '', label = '', metric] = fields(line.value)
  const match = /^([a-z][a-z0-9_]*) ([a-z]+)$/.exec(head)
  const unit = match?.[2] ?? ''
  if (!match || !label || !Object.hasOwn(UNITS, unit)) {
    report(
      line.line,
      `expected "name unit | Label"; the unit is one of ${Object.keys(UNITS).join(', ')}`,
    )
  }
  return {
    name: match?.[1] ?? head,
    unit: unit as Unit,
    label,
    ...(metric ? { metric } : {}),
  }
}

/** `from date | …`, `limit count 1..100 = 10 | …`, `grain choice(day,week) = day | …`, `country text = "" | …`. */
function parseParameter(line: HeaderLine, report: ReportProblem): Parameter {
  const [head = '', description = ''] = fields(line.value)
  const match =
    /^([a-z][a-z0-9_]*) (date|text|count(?: (\d+)\.\.(\d+))?|choice\(([a-z0-9_,]+)\))(?: = (.*))?$/.exec(
      head,
    )
  if (!match || !description) {
    report(
      line.line,
      'expected "name type = default | what it means"; types: date, count 1..9, choice(a,b), text',
    )
  }
  const [, name = head, kind = 'text', low, high, choices, text] = match ?? []
  const type = /^[a-z]+/.exec(kind)![0] as ParameterType
  const fallback = text === '""' ? '' : text
  if (match && type !== 'date' && fallback === undefined)
    report(line.line, `"${name}" needs a default`)
  return {
    name,
    type,
    description,
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(low === undefined ? {} : { range: [Number(low), Number(high)] as const }),
    ...(choices === undefined ? {} : { choices: choices.split(',') }),
  }
}

/** `line x=day y=net_sales,orders series=country`. */
function parseChart(
  line: HeaderLine | undefined,
  columns: readonly ReportColumn[],
  report: ReportProblem,
): Chart {
  if (!line) return { kind: 'table', y: [] }
  const [kind = '', ...settings] = line.value.split(/\s+/)
  if (!(CHARTS as readonly string[]).includes(kind)) {
    report(line.line, `unknown chart "${kind}"; known are ${CHARTS.join(', ')}`)
  }
  const chart: { x?: string; y: string[]; series?: string } = { y: [] }
  for (const setting of settings) {
    const [name, value = ''] = setting.split('=')
    if (name === 'x') chart.x = value
    else if (name === 'y') chart.y = value.split(',')
    else if (name === 'series') chart.series = value
    else report(line.line, `unknown chart setting "${setting}"; known are x=, y=, series=`)
  }
  for (const name of [chart.x, chart.series, ...chart.y]) {
    if (name !== undefined && !columns.some((column) => column.name === name)) {
      report(line.line, `the chart names "${name}", which is not a column`)
    }
  }
  return { kind: kind as ChartKind, ...chart }
}

function rowsOf(line: HeaderLine | undefined, report: ReportProblem): { rows?: string } {
  if (!line) return {}
  if (!/^[a-z][a-z0-9_]*$/.test(line.value)) report(line.line, 'expected the name of a report')
  return { rows: line.value }
}

function fields(value: string): string[] {
  return value.split('|').map((part) => part.trim())
}

/** `orders, sessions 0..0, order_facts .. of chosen`: the second needs only the days asked for, the third only keys of `chosen`. */
function readModels(
  line: HeaderLine | undefined,
  report: ReportProblem,
): Pick<Header, 'models' | 'reach' | 'chosen'> {
  const chosen = new Map<string, string>()
  const entries = words(line?.value).map((entry) => {
    const [, name, reach, table] = /^(\w+) (\S+) of (\w+)$/.exec(entry) ?? []
    if (!table) return entry
    chosen.set(name!, table)
    return `${name} ${reach}`
  })
  const bounded = entries.filter((entry) => entry.includes(' ')).join(', ')
  const { reach, problems } = parseReach(bounded, line?.line ?? 1)
  if (bounded) for (const problem of problems) report(problem.line, problem.message)
  return { models: entries.map((entry) => entry.split(' ')[0]!), reach, chosen }
}

function words(value: string | undefined): string[] {
  return value === undefined ? [] : value.split(',').map((word) => word.trim())
}
