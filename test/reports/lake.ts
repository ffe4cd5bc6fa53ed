import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { createTableSql, readJsonColumns } from '../../src/derive/duckdb.ts'
import { TABLES } from '../../src/derive/table.ts'
import { compileReport, parseReport, type Report } from '../../src/reports/compile.ts'
import { type Model, parseModels } from '../../src/reports/model.ts'
import { compileModels } from '../../src/reports/models.ts'
import { EVENT_TYPES, type EventType } from '../../src/schema/registry.ts'

const REPORTS = new URL('../../src/reports/', import.meta.url)

/** Name and text of every .sql file of a folder. */
function sqlFiles(folder: URL): [string, string][] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => [file.slice(0, -4), readFileSync(new URL(file, folder), 'utf8')])
}

export function allModels(): Model[] {
  return parseModels(Object.fromEntries(sqlFiles(new URL('models/', REPORTS))))
}

export function allReports(): Map<string, Report> {
  return new Map(sqlFiles(REPORTS).map(([name, text]) => [name, parseReport(name, text)]))
}

export type Row = { [column: string]: unknown }

/** A stored row in the making: its type, and whatever matters to the case. */
export type Event = Row & { event_type: EventType }

export interface TestLake {
  add(events: readonly Event[]): Promise<void>
  query(sql: string, params?: (string | number)[]): Promise<Row[]>
  /** A report as the product runs it; `whole` reads every model through its view. */
  report(
    name: string,
    params?: { [name: string]: string | number },
    how?: { whole?: boolean },
  ): Promise<Row[]>
  close(): void
}

/** The clock of every case: a Saturday noon in UTC. */
export const NOW = Date.parse('2025-02-01T12:00:00Z')

/** Event tables, models and reports on a DuckDB of its own; UTC shop, shop currency USD. */
export async function openTestLake(): Promise<TestLake> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  const directory = mkdtempSync(join(tmpdir(), 'shoplake-reports-'))
  const reports = allReports()
  await connection.run("SET TimeZone = 'UTC'")
  for (const type of EVENT_TYPES) {
    await connection.run(createTableSql(type, TABLES[type]))
    await connection.run(`ALTER TABLE ${type} ADD COLUMN dt DATE`)
  }
  const models = allModels()
  for (const view of compileModels(models, 'duckdb')) {
    await connection.run(`CREATE VIEW ${view.name} AS ${view.sql}`)
  }
  let number = 0
  const query = async (sql: string, params: (string | number)[] = []): Promise<Row[]> => {
    const reader = await connection.runAndReadAll(sql, params)
    return reader.getRowObjectsJson() as Row[]
  }
  return {
    async add(events) {
      for (const type of EVENT_TYPES) {
        const rows = events.filter((event) => event.event_type === type)
        if (rows.length === 0) continue
        const file = join(directory, `${type}-${number}.ndjson`)
        writeFileSync(file, rows.map((row) => JSON.stringify(storedRow(row, number++))).join('\n'))
        await insert(connection, type, file)
      }
    },
    query,
    report: async (name, params = {}, { whole = false } = {}) => {
      const options = {
        dialect: 'duckdb',
        today: '2025-02-01',
        now: NOW,
        models: whole ? [] : models,
      } as const
      const compiled = compileReport(reports.get(name)!, params, options)
      return query(compiled.sql, [...compiled.params])
    },
    close() {
      connection.closeSync()
      instance.closeSync()
      rmSync(directory, { recursive: true })
    },
  }
}

async function insert(connection: DuckDBConnection, type: EventType, file: string): Promise<void> {
  const columns = readJsonColumns(TABLES[type])
  await connection.run(
    `INSERT INTO ${type} BY NAME
     SELECT *, received_at AS written_at, CAST(occurred_at AS DATE) AS dt
     FROM read_json('${file}', format = 'newline_delimited', columns = ${columns})`,
  )
}

/** What the collector would have added, where the case does not say. */
export function storedRow({ event_type: _, ...row }: Event, number: number): Row {
  const at = String(row.occurred_at)
  const amount = row.total_amount ?? row.amount
  return {
    event_id: `e${String(number).padStart(6, '0')}`,
    received_at: at,
    source: 'shop',
    source_kind: 'server',
    bot: false,
    local_date: at.slice(0, 10),
    local_hour: Number(at.slice(11, 13)),
    ...(amount === undefined ? {} : { shop_value: amount }),
    ...row,
  }
}
