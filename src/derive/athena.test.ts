import { describe, expect, it } from 'vitest'
import { EVENT_TYPES } from '../schema/registry.ts'
import {
  athenaNames,
  baseTableDdl,
  eventViewColumns,
  hiveTypeOf,
  prestoViewText,
} from './athena.ts'
import { glueTableOf } from './glue.ts'
import { TABLES } from './table.ts'

describe('types of Athena', () => {
  it('are the same whether written for Hive or translated from Trino', () => {
    for (const type of EVENT_TYPES) {
      const glue = glueTableOf(TABLES[type])
      const hive = eventViewColumns(TABLES[type]).map((column) => hiveTypeOf(column.type))
      expect(hive).toEqual([...glue.columns, ...glue.partition_keys].map((column) => column.Type))
    }
  })
})

describe('the compacted table', () => {
  it('has every column, dt last, and is partitioned by it', () => {
    const ddl = baseTableDdl(TABLES.order_created, {
      database: 'shop',
      location: 's3://b/base',
    })
    expect(ddl).toMatch(
      /^CREATE TABLE IF NOT EXISTS shop\.base_order_created \(\n {2}`event_id` string,/,
    )
    expect(ddl).toContain('  `dt` date\n)\nPARTITIONED BY (`dt`)')
    expect(ddl).toContain("LOCATION 's3://b/base/order_created/'")
    for (const { name } of TABLES.order_created.columns) expect(ddl).toContain(`  \`${name}\` `)
  })

  it('has a name of its own beside the view', () => {
    const names = EVENT_TYPES.flatMap((type) => Object.values(athenaNames(type)))
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('the text of a view', () => {
  it('reads back as what was put in', () => {
    const columns = [{ name: 'a', type: 'bigint' }]
    const text = prestoViewText({ sql: 'SELECT 1 AS a', database: 'shop', columns })
    const [, base64 = ''] = /^\/\* Presto View: ([\w+/=]+) \*\/$/.exec(text) ?? []
    expect(JSON.parse(Buffer.from(base64, 'base64').toString())).toEqual({
      originalSql: 'SELECT 1 AS a',
      catalog: 'awsdatacatalog',
      schema: 'shop',
      columns,
    })
  })
})
