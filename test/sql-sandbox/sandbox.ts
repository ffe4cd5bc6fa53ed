import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDuckdb } from '../../src/local/duckdb.ts'
import { createDuckdbSql } from '../../src/local/duckdb-sql.ts'
import { NO_METRICS } from '../../src/metrics.ts'
import type { Result } from '../../src/ports.ts'

/** What stands in the files that no query may read. */
export const CANARY = 'canary-5b1e7c'

/** The SQL engine over a small lake with a file beside it and one within, and everything that a query must leave as it is. */
export interface Sandbox {
  run(sql: string, limits?: { timeout_ms: number; max_rows: number }): Promise<Result>
  /** {inside} is a file of the lake, {outside} one beside it, {dir} the lake directory, {port} one that counts callers. */
  fill(sql: string): string
  /** Every file with its content, and what catalog and settings hold. */
  state(): Promise<unknown>
  /** Leases that are out, what the engine called for, and how often somebody called the port. */
  left(): { leases: number; stuck: readonly string[]; callers: number }
  close(): Promise<void>
}

const LIMITS = { timeout_ms: 10_000, max_rows: 1000 }

export async function openSandbox(): Promise<Sandbox> {
  const directory = await mkdtemp(join(tmpdir(), 'shoplake-sandbox-'))
  const lakeDirectory = join(directory, 'lake')
  const stuck: string[] = []
  let leases = 0
  let callers = 0
  const trap = createServer((socket) => {
    callers += 1
    socket.destroy()
  })
  const port = await listening(trap)
  const database = await openDuckdb({
    lakeDirectory,
    tempDirectory: join(directory, 'tmp'),
    memory_mb: 256,
    threads: 2,
  })
  const writer = await database.connect()
  await writer.run(
    `COPY (SELECT range::INTEGER AS n, 'VN' AS country FROM range(100)) TO '${lakeDirectory}/sales.parquet'`,
  )
  await writer.run(`CREATE VIEW sales AS FROM read_parquet(['${lakeDirectory}/sales.parquet'])`)
  await writer.run('CREATE TABLE writable (a INTEGER); INSERT INTO writable VALUES (1)')
  await writeFile(join(lakeDirectory, 'canary.csv'), `secret\n${CANARY}\n`)
  await writeFile(join(directory, 'canary.csv'), `secret\n${CANARY}\n`)
  const engine = createDuckdbSql({
    // Other tests share this process and its memory.
    process_max_bytes: Number.POSITIVE_INFINITY,
    database,
    lease() {
      leases += 1
      return () => {
        leases -= 1
      }
    },
    config: { sql_slots: 2, sql_queue: 1000, sql_memory_mb: 256 },
    metrics: NO_METRICS,
    now: () => performance.now(),
    onStuck: (reason) => stuck.push(reason),
  })

  return {
    run: (sql, limits = LIMITS) => engine.run(sql, [], limits, new AbortController().signal),
    fill: (sql) =>
      sql
        .replaceAll('{inside}', join(directory, 'lake', 'canary.csv'))
        .replaceAll('{outside}', join(directory, 'canary.csv'))
        .replaceAll('{dir}', join(directory, 'lake'))
        .replaceAll('{port}', String(port)),
    async state() {
      const catalog = await writer.runAndReadAll(
        `SELECT (SELECT list(view_name ORDER BY 1) FROM duckdb_views() WHERE NOT internal)::VARCHAR,
                (SELECT list(table_name ORDER BY 1) FROM duckdb_tables())::VARCHAR,
                (SELECT list(function_name ORDER BY 1) FROM duckdb_functions() WHERE NOT internal)::VARCHAR,
                (SELECT list(a) FROM writable)::VARCHAR,
                (SELECT list(path) FROM duckdb_databases() WHERE NOT internal)::VARCHAR,
                (SELECT list(name || '=' || value ORDER BY 1) FROM duckdb_settings())::VARCHAR`,
      )
      return [await filesOf(directory), catalog.getRowsJson()]
    },
    left: () => ({ leases, stuck, callers }),
    async close() {
      writer.closeSync()
      await database.close()
      trap.close()
      await rm(directory, { recursive: true })
    },
  }
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
}

async function filesOf(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.includes('spill'))
  const hashes = files.map(async (file) => {
    const path = join(file.parentPath, file.name)
    return `${path} ${createHash('sha256')
      .update(await readFile(path))
      .digest('hex')}`
  })
  return (await Promise.all(hashes)).sort()
}
