import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { openDuckdb } from '../../src/local/duckdb.ts'
import { createDuckdbSql } from '../../src/local/duckdb-sql.ts'
import { serveSql } from '../../src/local/sql-server.ts'
import { connectSql } from '../../src/local/sql-socket.ts'
import { NO_METRICS } from '../../src/metrics.ts'
import { SALES, type SqlUnderTest, sqlContract } from './sql.ts'

const ENDLESS = 'SELECT count(*) FROM range(1000000000000000) t(i) where hash(i) = 7'

async function openOverFiles(): Promise<SqlUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), 'shoplake-'))
  const lakeDirectory = join(directory, 'lake')
  const database = await openDuckdb({
    lakeDirectory,
    tempDirectory: join(directory, 'tmp'),
    memory_mb: 256,
    threads: 2,
  })
  const writer = await database.connect()
  await writer.run(`COPY (${SALES.select}) TO '${lakeDirectory}/sales.parquet' (FORMAT parquet)`)
  await writer.run(
    `CREATE VIEW sales AS SELECT * FROM read_parquet(['${lakeDirectory}/sales.parquet'])`,
  )
  let leases = 0
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
    config: { sql_slots: 2, sql_queue: 2, sql_memory_mb: 256 },
    metrics: NO_METRICS,
    now: () => performance.now(),
  })
  return {
    engine,
    endless: ENDLESS,
    async close() {
      // Who cancels is answered before DuckDB has let go of the query.
      await vi.waitFor(() => expect(leases, 'leases that were not given back').toBe(0), 20_000)
      writer.closeSync()
      await database.close()
      await rm(directory, { recursive: true })
    },
  }
}

sqlContract('DuckDB over Parquet', openOverFiles)

async function openBehindSocket(): Promise<SqlUnderTest> {
  const inner = await openOverFiles()
  const directory = await mkdtemp(join(tmpdir(), 'shoplake-'))
  const socketPath = join(directory, 'lake.sock')
  const server = await serveSql({ engine: inner.engine, socketPath })
  const client = connectSql(socketPath)
  return {
    engine: client,
    endless: inner.endless,
    async close() {
      client.close()
      await server.close()
      await rm(directory, { recursive: true })
      await inner.close()
    },
  }
}

sqlContract('DuckDB in another process', openBehindSocket)
