import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ResultValue } from '../ports.ts'
import { type Duckdb, openDuckdb } from './duckdb.ts'
import { bindParameters, resultValue, typeName } from './sql-values.ts'

describe('values between DuckDB and JSON', () => {
  let directory: string
  let database: Duckdb
  let connection: DuckDBConnection

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'shoplake-'))
    database = await openDuckdb({
      lakeDirectory: join(directory, 'lake'),
      tempDirectory: join(directory, 'tmp'),
      memory_mb: 256,
      threads: 1,
    })
    connection = await database.connect()
  })

  afterAll(async () => {
    connection.closeSync()
    await database.close()
    await rm(directory, { recursive: true })
  })

  const ask = async (sql: string, params: readonly ResultValue[] = []) => {
    const prepared = await connection.prepare(sql)
    bindParameters(prepared, params)
    const result = await prepared.run()
    const type = typeName(result.columnType(0))
    const rows = await result.getRows()
    return { type, value: resultValue(rows[0]?.[0] ?? null) }
  }

  test.each([
    ['12345678901234.5678::DECIMAL(18,4)', '12345678901234.5678', 'DECIMAL(18,4)'],
    ['-0.0001::DECIMAL(18,4)', '-0.0001', 'DECIMAL(18,4)'],
    ['9007199254740991::BIGINT', 9007199254740991, 'BIGINT'],
    ['9007199254740993::BIGINT', '9007199254740993', 'BIGINT'],
    ['sum(x) FROM (VALUES (1), (2)) v(x)', 3, 'HUGEINT'],
    ["TIMESTAMP '2025-01-15 10:30:00'", '2025-01-15T10:30:00.000Z', 'TIMESTAMP'],
    ["TIMESTAMP '2025-01-15 10:30:00.12'", '2025-01-15T10:30:00.120Z', 'TIMESTAMP'],
    ["TIMESTAMP '2025-01-15 10:30:00.123456'", '2025-01-15T10:30:00.123456Z', 'TIMESTAMP'],
    ["TIMESTAMP '1969-12-31 23:59:59.999'", '1969-12-31T23:59:59.999Z', 'TIMESTAMP'],
    [
      "TIMESTAMPTZ '2025-01-15 10:30:00+07'",
      '2025-01-15T03:30:00.000Z',
      'TIMESTAMP WITH TIME ZONE',
    ],
    ["TIMESTAMP_S '2025-01-15 10:30:00'", '2025-01-15T10:30:00.000Z', 'TIMESTAMP_S'],
    ["TIMESTAMP_MS '2025-01-15 10:30:00.5'", '2025-01-15T10:30:00.500Z', 'TIMESTAMP_MS'],
    ["TIMESTAMP_NS '2025-01-15 10:30:00.5'", '2025-01-15T10:30:00.500Z', 'TIMESTAMP_NS'],
    ["'infinity'::TIMESTAMP", 'infinity', 'TIMESTAMP'],
    ["DATE '2025-01-15'", '2025-01-15', 'DATE'],
    ["DATE '-infinity'", '-infinity', 'DATE'],
    ["'nan'::DOUBLE", null, 'DOUBLE'],
    ["'-infinity'::DOUBLE", null, 'DOUBLE'],
    ["'\\x01\\xFF'::BLOB", 'Af8=', 'BLOB'],
    ['true', true, 'BOOLEAN'],
    ['NULL::VARCHAR', null, 'VARCHAR'],
    [`'{"a": 1}'::JSON`, '{"a": 1}', 'JSON'],
    ['[1.5::DECIMAL(3,1), NULL]', ['1.5', null], 'DECIMAL(3,1)[]'],
    [
      "{'a': 1, 'b': DATE '2025-01-01'}",
      { a: 1, b: '2025-01-01' },
      'STRUCT("a" INTEGER, "b" DATE)',
    ],
    ["MAP {'k': [1]}", { k: [1] }, 'MAP(VARCHAR, INTEGER[])'],
    ['MAP {1: 2}', [{ key: 1, value: 2 }], 'MAP(INTEGER, INTEGER)'],
    ['INTERVAL 90 MINUTE', '01:30:00', 'INTERVAL'],
    ["TIME '10:30'", '10:30:00', 'TIME'],
    [
      "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'::UUID",
      '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
      'UUID',
    ],
  ])('%s is %j of type %s', async (expression, value, type) => {
    expect(await ask(`SELECT ${expression}`)).toEqual({ value, type })
  })

  test('parameters keep their value and take the type that the place wants', async () => {
    const one = async (sql: string, ...params: ResultValue[]) => (await ask(sql, params)).value
    expect(await one("SELECT TIMESTAMP '2025-01-15' >= $1", '2025-01-01T00:00:00Z')).toBe(true)
    expect(await one("SELECT DATE '2025-01-15' = $1", '2025-01-15')).toBe(true)
    expect(await one('SELECT 1.5::DECIMAL(18,4) = $1', '1.5')).toBe(true)
    expect(await one('SELECT list_contains($1, $2)', ['a', 'b'], 'b')).toBe(true)
    expect(await one('SELECT len($1)', [])).toBe(0)
    expect(await one('SELECT list_sum($1)', [1.5, 2])).toBe(3.5)
    expect(await one('SELECT $1 + $2', 2 ** 40, -1)).toBe(2 ** 40 - 1)
    expect(await one('SELECT $1 IS NULL', null)).toBe(true)
    expect(await one('SELECT NOT $1', false)).toBe(true)
  })

  test('a wrong number of parameters and objects are refused in words', async () => {
    await expect(ask('SELECT $1', [])).rejects.toThrow(/1 parameters .* 0 were given/)
    await expect(ask('SELECT $1', [{ a: 1 }])).rejects.toThrow(/object/)
    await expect(ask('SELECT $1', [['a', 1]])).rejects.toThrow(/texts or numbers alone/)
  })

  test('any text and any money comes back as it went in', async () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'))
    await fc.assert(
      fc.asyncProperty(text, fc.bigInt(-(10n ** 17n), 10n ** 17n), async (value, units) => {
        expect((await ask('SELECT $1::VARCHAR', [value])).value).toBe(value)
        const sign = units < 0n ? '-' : ''
        const digits = String(units < 0n ? -units : units).padStart(5, '0')
        const money = `${sign}${digits.slice(0, -4)}.${digits.slice(-4)}`
        expect((await ask('SELECT $1::DECIMAL(18,4)', [money])).value).toBe(money)
      }),
      { numRuns: 100 },
    )
  })
})
