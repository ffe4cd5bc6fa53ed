import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Duckdb, openDuckdb, quoteText } from './duckdb.ts'

describe('openDuckdb', () => {
  let directory: string
  let database: Duckdb
  let writer: DuckDBConnection

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "shoplake it's "))
    database = await openDuckdb({
      lakeDirectory: join(directory, 'lake'),
      tempDirectory: join(directory, 'tmp'),
      memory_mb: 256,
      threads: 2,
    })
    writer = await database.connect()
  })

  afterAll(async () => {
    writer.closeSync()
    await database.close()
    await rm(directory, { recursive: true })
  })

  const rows = async (sql: string) => {
    const reader = await database.connect()
    try {
      return (await reader.runAndReadAll(sql)).getRowsJson()
    } finally {
      reader.closeSync()
    }
  }

  test('a writer copies NDJSON into the lake and readers see it through a view that lists files', async () => {
    const lines = join(directory, 'tmp', 'a.ndjson')
    const file = join(directory, 'lake', 'a.parquet')
    await writeFile(lines, '{"a":1}\n{"a":2}\n')
    await writer.run(
      `COPY (SELECT * FROM read_json(${quoteText(lines)}, format = 'newline_delimited', columns = {a: 'INTEGER'}))
       TO ${quoteText(file)} (FORMAT parquet, COMPRESSION zstd)`,
    )
    await writer.run(`CREATE VIEW a AS SELECT * FROM read_parquet([${quoteText(file)}])`)
    expect(await rows('SELECT sum(a)::INTEGER FROM a')).toEqual([[3]])
  })

  test('nothing outside of the two directories can be read or written, and the lock stays', async () => {
    const outside = join(directory, 'outside.txt')
    await writeFile(outside, 'secret')
    await expect(rows(`SELECT * FROM read_text(${quoteText(outside)})`)).rejects.toThrow(
      /Permission/,
    )
    await expect(rows(`COPY (SELECT 1) TO ${quoteText(outside)}`)).rejects.toThrow(/Permission/)
    await expect(rows(`SELECT * FROM 'https://127.0.0.1:1/a.parquet'`)).rejects.toThrow(
      /Permission/,
    )
    await expect(rows('SET enable_external_access = true')).rejects.toThrow()
    await expect(rows('SET lock_configuration = false')).rejects.toThrow(/locked/)
    await expect(rows('INSTALL httpfs')).rejects.toThrow(/Permission/)
    await expect(rows(`LOAD ${quoteText(outside)}`)).rejects.toThrow(/disabled/)
  })

  test('what spills stays in the temporary directory, up to four times the memory', async () => {
    const settings = "current_setting('temp_directory'), current_setting('max_temp_directory_size')"
    expect(await rows(`SELECT ${settings}`)).toEqual([[join(directory, 'tmp', 'spill'), '1.0 GiB']])
  })

  test('sessions are in UTC', async () => {
    expect(
      await rows(
        `SELECT current_setting('TimeZone'), (TIMESTAMPTZ '2025-01-01 00:00:00+02')::VARCHAR`,
      ),
    ).toEqual([['UTC', '2024-12-31 22:00:00+00']])
  })
})
