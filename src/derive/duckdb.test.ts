import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { EVENT_TYPES } from '../schema/registry.ts'
import { createTableSql, duckdbType, lineColumns, readJsonColumns } from './duckdb.ts'
import { TABLES } from './table.ts'

test('types nest', () => {
  const column = {
    kind: 'list',
    element: {
      kind: 'struct',
      fields: [
        field('a b', { kind: 'decimal', precision: 18, scale: 4 }),
        field('j', { kind: 'json' }),
      ],
    },
  } as const
  expect(duckdbType(column)).toBe('STRUCT("a b" DECIMAL(18,4), "j" JSON)[]')
})

function field(name: string, column: Parameters<typeof duckdbType>[0]) {
  return { name, column, required: false, description: '', identity: false }
}

test('DuckDB takes every table and reads it back with the names and types given', async () => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  for (const type of EVENT_TYPES) {
    const table = TABLES[type]
    await connection.run(createTableSql(type, table))
    const described = await connection.runAndReadAll(`DESCRIBE ${type}`)
    expect(described.getRowsJson().map((row) => row[0])).toEqual(
      table.columns.map((column) => column.name),
    )
    expect(readJsonColumns(table)).not.toContain('written_at')
    expect(lineColumns(table)).toHaveLength(table.columns.length - 1)
  }
  connection.closeSync()
  instance.closeSync()
})
