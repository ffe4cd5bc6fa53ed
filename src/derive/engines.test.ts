import { describe, expect, it } from 'vitest'
import type { Column } from '../schema/column.ts'
import { EVENT_TYPES } from '../schema/registry.ts'
import { glueTableOf, glueType } from './glue.ts'
import { type ParquetElement, parquetSchemaOf } from './parquet.ts'
import { TABLES } from './table.ts'
import { trinoBaseDdl, trinoRawDdl } from './trino.ts'
import { trinoType } from './trino-type.ts'

const ITEMS = TABLES.order_created.columns.find((field) => field.name === 'items')!

describe('glue', () => {
  it('writes nested types as Hive does', () => {
    expect(glueType(ITEMS.column)).toBe(
      'array<struct<product_id:string,quantity:int,price:decimal(18,4),discount:decimal(18,4),name:string,category:string,variant:string>>',
    )
  })

  it('partitions by date and keeps each comment within the limit', () => {
    for (const type of EVENT_TYPES) {
      const table = glueTableOf(TABLES[type])
      expect(table.partition_keys).toEqual([
        { Name: 'dt', Type: 'date', Comment: expect.any(String) },
      ])
      expect(table.columns.map((column) => column.Name)).toEqual(
        TABLES[type].columns.map((field) => field.name),
      )
      expect(Math.max(...table.columns.map((column) => column.Comment.length))).toBeLessThan(256)
    }
  })
})

describe('trino', () => {
  it('writes nested types', () => {
    expect(trinoType(ITEMS.column)).toContain('array(row("product_id" varchar, "quantity" integer')
  })

  it('lays one table over what waits and one for what is compacted', () => {
    const place = { schema: 'lake', location: 's3://b' }
    const raw = trinoRawDdl(TABLES.page_view, place)
    expect(raw).toMatch(
      /^CREATE TABLE IF NOT EXISTS lake\.raw_page_view \(\n {2}"event_id" varchar,/,
    )
    expect(raw).toContain('"record_hash" bigint\n) WITH (')
    expect(raw).toContain("external_location = 's3://b/raw/page_view/'")
    const base = trinoBaseDdl(TABLES.page_view, place)
    expect(base).toContain(
      '"written_at" timestamp(6),\n  "record_hash" bigint,\n  "dt" date\n) WITH (',
    )
    expect(base).toContain("partitioning = ARRAY['dt']")
  })

  it('knows every kind of column', () => {
    const kinds: Column['kind'][] = ['string', 'int32', 'int64', 'double', 'boolean', 'date']
    expect(kinds.map((kind) => trinoType({ kind } as Column))).toEqual([
      'varchar',
      'integer',
      'bigint',
      'double',
      'boolean',
      'date',
    ])
  })
})

/** Reads one node and what is under it; returns the index behind it. Fails where the counts do not close. */
function skipNode(elements: readonly ParquetElement[], index: number): number {
  const element = elements[index]
  expect(element).toBeDefined()
  let next = index + 1
  for (let child = 0; child < (element?.num_children ?? 0); child++) next = skipNode(elements, next)
  return next
}

describe('parquet', () => {
  it('is one closed tree per table, with a type on leaves only', () => {
    for (const type of EVENT_TYPES) {
      const elements = parquetSchemaOf(TABLES[type])
      expect(skipNode(elements, 0)).toBe(elements.length)
      for (const element of elements) {
        expect(element.type === undefined).toBe(element.num_children !== undefined)
      }
    }
  })

  it('writes money as a scaled INT64 and lists in three levels', () => {
    const elements = parquetSchemaOf(TABLES.order_created)
    expect(elements.find((element) => element.name === 'total_amount')).toEqual({
      name: 'total_amount',
      repetition_type: 'REQUIRED',
      type: 'INT64',
      converted_type: 'DECIMAL',
      precision: 18,
      scale: 4,
    })
    const items = elements.findIndex((element) => element.name === 'items')
    expect(elements.slice(items, items + 4)).toEqual([
      { name: 'items', repetition_type: 'REQUIRED', num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', repetition_type: 'REQUIRED', num_children: 7 },
      {
        name: 'product_id',
        repetition_type: 'REQUIRED',
        type: 'BYTE_ARRAY',
        converted_type: 'UTF8',
      },
    ])
  })
})
