import { type Command, Option } from 'commander'
import type { ResultColumn, ResultValue } from '../../ports.ts'
import type { Client } from '../client.ts'
import { calendarDay, namedValue } from '../option-values.ts'
import { printJson, printTable, say } from '../output.ts'
import { reportCell } from '../report-cell.ts'
import { type ClientOptions, withServer } from '../with-server.ts'

interface QueryFlags extends ClientOptions {
  readonly json?: boolean
  readonly format?: string
  readonly param?: ReturnType<typeof namedValue>
  readonly from?: string
  readonly to?: string
}

interface Answer {
  readonly query_id?: string
  readonly next_cursor?: string | null
  readonly columns: readonly ResultColumn[]
  readonly rows: readonly (readonly ResultValue[])[]
  readonly truncated?: boolean
  /** Up to when received events were visible; null while the server does not know yet, missing where it never does. */
  readonly fresh_to?: string | null
  /** Only of a report: its parameters as they were used. */
  readonly values?: { readonly [parameter: string]: unknown }
  /** Only of a report: what its columns count in. */
  readonly report?: {
    readonly columns: readonly { readonly name: string; readonly unit: string }[]
  }
}

export function registerSql(program: Command): void {
  program
    .command('sql')
    .description('run one SELECT over the lake')
    .argument('<query>')
    .addOption(formatOption())
    .action(async (query: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<QueryFlags>()
      await withServer(flags, (client) => runSql(client, query, formatOf(flags)))
    })
  program
    .command('report')
    .description('run a report; without a name, list them')
    .argument('[name]')
    .option('--from <date>', 'first day (default: 28 days up to the last)', calendarDay)
    .option('--to <date>', 'last day (default: today)', calendarDay)
    .option('--param <name=value...>', 'further parameters', namedValue)
    .addOption(formatOption())
    .action(async (name: string | undefined, _flags, command: Command) => {
      const flags = command.optsWithGlobals<QueryFlags>()
      await withServer(flags, (client) =>
        name ? runReport(client, name, flags) : listReports(client, flags),
      )
    })
}

function formatOption(): Option {
  return new Option('--format <format>', 'how it is printed').choices(['table', 'json', 'csv'])
}

function formatOf(flags: QueryFlags): string {
  return flags.json ? 'json' : (flags.format ?? 'table')
}

/** SQL follows the stream within a second or two; what is older than this is worth a word. */
const BEHIND_MS = 5000

/** A query longer than two seconds is waited for by its id; a long result is read page by page. */
async function runSql(client: Client, sql: string, format: string): Promise<void> {
  const headers = { 'content-type': 'application/json', accept: acceptOf(format) }
  const init = { method: 'POST', headers, body: JSON.stringify({ sql }) }
  const asked_at = Date.now()
  let response = await client.fetch('/v1/sql', init)
  while (response.status === 202) {
    const { query_id } = (await response.json()) as { query_id: string }
    response = await client.fetch(`/v1/sql/${query_id}`, { headers })
  }
  await show(client, response, { format, asked_at })
}

async function runReport(client: Client, name: string, flags: QueryFlags): Promise<void> {
  const query = new URLSearchParams()
  if (flags.from) query.set('from', flags.from)
  if (flags.to) query.set('to', flags.to)
  for (const [param, value] of flags.param ?? []) query.set(param, value)
  const format = formatOf(flags)
  const route = `/v1/reports/${encodeURIComponent(name)}?${query}`
  const asked_at = Date.now()
  const response = await client.fetch(route, { headers: { accept: acceptOf(format) } })
  await show(client, response, { format, asked_at })
}

async function listReports(client: Client, flags: QueryFlags): Promise<void> {
  const { reports } = await client.json<{
    reports: { name: string; title: string; question: string }[]
  }>('/v1/reports')
  if (flags.json) printJson(reports)
  else
    printTable(
      ['report', 'question'],
      reports.map((report) => [report.name, report.question ?? report.title]),
    )
}

function acceptOf(format: string): string {
  return format === 'csv' ? 'text/csv' : 'application/json'
}

async function show(
  client: Client,
  response: Response,
  { format, asked_at }: { format: string; asked_at: number },
): Promise<void> {
  const text = await response.text()
  if (!response.ok) throw client.refusal(response.status, text)
  if (format === 'csv') {
    process.stdout.write(text)
    return
  }
  const answer = await wholeAnswer(client, JSON.parse(text) as Answer)
  if (format === 'json') printJson(answer)
  else showTable(answer)
  await sayBehind(client, answer, asked_at)
}

/** Only where the answer itself says that SQL may be behind is the ledger asked by how much. */
async function sayBehind(client: Client, { fresh_to }: Answer, asked_at: number): Promise<void> {
  if (fresh_to === undefined) return
  if (fresh_to !== null && asked_at - Date.parse(fresh_to) < BEHIND_MS) return
  const { totals } = await client.json<{ totals: { pending_lake: number } }>('/v1/ledger')
  const pending = totals.pending_lake.toLocaleString('en')
  if (totals.pending_lake > 0)
    say(
      `SQL is still reading the stream: up to ${pending} events are not in this answer; ask again`,
    )
}

function showTable(answer: Answer): void {
  printTable(
    answer.columns.map((column) => column.name),
    readableRows(answer),
  )
  const { from, to } = answer.values ?? {}
  if (from !== undefined && to !== undefined)
    say(`from ${from} to ${to}; --from and --to choose others`)
  if (answer.truncated) say(`(cut after ${answer.rows.length.toLocaleString('en')} rows)`)
}

function readableRows({ report, columns, rows }: Answer): readonly (readonly ResultValue[])[] {
  if (!report) return rows
  const units = new Map(report.columns.map(({ name, unit }) => [name, unit]))
  return rows.map((row) =>
    row.map((value, index) => reportCell(value, units.get(columns[index]!.name))),
  )
}

async function wholeAnswer(client: Client, first: Answer): Promise<Answer> {
  const rows = [...first.rows]
  let cursor = first.next_cursor
  while (cursor) {
    const route = `/v1/sql/${first.query_id}?cursor=${encodeURIComponent(cursor)}`
    const page = await client.json<Answer>(route)
    rows.push(...page.rows)
    cursor = page.next_cursor
  }
  const { next_cursor: _read, query_id: _id, ...rest } = first
  return { ...rest, rows }
}
