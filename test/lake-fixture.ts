import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { openDuckdb } from '../src/local/duckdb.ts'
import { type FileLake, type FileLakeOptions, openFileLake } from '../src/local/file-lake.ts'
import { type LakeMeta, openLakeMeta } from '../src/local/lake-meta.ts'
import { NO_METRICS } from '../src/metrics.ts'
import type { RowLine } from '../src/ports.ts'

export const BUCKETS = 4
const SECRET = Buffer.alloc(32, 7)
/** 2025-01-15T10:30:01.000Z */
export const RECEIVED = 1_736_937_001_000

/** A lake in a directory that may be opened again and again, as by processes that were killed. */
export interface LakeHome {
  readonly directory: string
  /** Opens the lake over what is on disk. What was opened before is left as it is, as a killed process leaves it. */
  open(options?: Partial<FileLakeOptions>): Promise<OpenLake>
  remove(): Promise<void>
}

export interface OpenLake {
  readonly lake: FileLake
  readonly meta: LakeMeta
  /** Rows of a query as JSON values, through a connection of its own; it may read `lake_days`. */
  query(sql: string): Promise<unknown[][]>
  close(): Promise<void>
}

export async function makeLakeHome(): Promise<LakeHome> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'shoplake-lake-'))
  const at = (name: string) => path.join(directory, name)
  const cleanups: (() => Promise<void>)[] = []
  return {
    directory,
    async open(options = {}) {
      const database = await openDuckdb({
        lakeDirectory: at('lake'),
        tempDirectory: at('tmp'),
        memory_mb: 512,
        threads: 2,
      })
      const meta = openLakeMeta({ directory: at('lake-meta'), buckets: BUCKETS })
      const lake = await openFileLake({
        duckdb: database,
        directory: at('lake'),
        lakeSqlFile: at('lake.sql'),
        tempDirectory: at('tmp'),
        refusedDirectory: at('lake-meta/refused'),
        meta,
        config: {
          lake_flush_rows: 50_000,
          lake_flush_s: 60,
          lake_direct_rows: 5000,
          lake_compact_files: 8,
          lake_days: 0,
        },
        buckets: BUCKETS,
        secret: SECRET,
        metrics: NO_METRICS,
        now: () => Date.now(),
        background: false,
        ...options,
      })
      let closed = false
      const abandon = async () => {
        if (closed) return
        closed = true
        await meta.close()
        await database.close()
      }
      cleanups.push(abandon)
      return {
        lake,
        meta,
        async query(sql) {
          const connection = await database.connect()
          try {
            const marked = sql.includes('lake_days(')
            const text = marked ? await lake.resolve(connection, sql) : sql
            return (await connection.runAndReadAll(text)).getRowsJson()
          } finally {
            connection.closeSync()
          }
        },
        async close() {
          await lake.close()
          await abandon()
        },
      }
    },
    async remove() {
      for (const cleanup of cleanups) await cleanup()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** A canonical product_view line. */
export function viewLine(id: string, fields: { [name: string]: unknown } = {}): string {
  return JSON.stringify({
    event_id: id,
    occurred_at: '2025-01-15T10:30:00.000Z',
    product_id: 'prod_001',
    received_at: new Date(RECEIVED).toISOString(),
    source: 'web',
    source_kind: 'browser',
    bot: false,
    local_date: '2025-01-15',
    local_hour: 10,
    ...fields,
  })
}

/** A canonical order_created line. */
export function orderLine(id: string, fields: { [name: string]: unknown } = {}): string {
  return JSON.stringify({
    event_id: id,
    occurred_at: '2025-01-15T10:30:00.000Z',
    order_id: `ord_${id}`,
    items: [{ product_id: 'prod_001', quantity: 2, price: '29.99' }],
    total_amount: '59.98',
    received_at: new Date(RECEIVED).toISOString(),
    source: 'shop',
    source_kind: 'server',
    bot: false,
    local_date: '2025-01-15',
    local_hour: 10,
    ...fields,
  })
}

export function rowLine(line: string, place: Partial<RowLine> = {}): RowLine {
  return {
    line: Buffer.from(line),
    bucket: 0,
    sequence: 1,
    source: 'web',
    received_at: RECEIVED,
    dedup_from: 0,
    ...place,
  }
}

/** Lines as the rows of one record. */
export function rowLines(lines: readonly string[], place: Partial<RowLine> = {}): RowLine[] {
  return lines.map((line) => rowLine(line, place))
}

/** `count` product views of one record with ids `<prefix>0`, `<prefix>1` … */
export function views(
  prefix: string,
  count: number,
  place: Partial<RowLine> = {},
  fields: { [name: string]: unknown } = {},
): RowLine[] {
  return Array.from({ length: count }, (_, index) =>
    rowLine(viewLine(`${prefix}${index}`, fields), place),
  )
}

export function span(bucket: number, first: number, last = first) {
  return { bucket, first, last }
}
