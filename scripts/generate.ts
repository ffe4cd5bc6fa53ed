import type { ViewColumn } from '../src/derive/athena.ts'
import {
  type ColumnsLock,
  columnsLockOf,
  compatibilityProblems,
} from '../src/derive/columns-lock.ts'
import { createTableSql } from '../src/derive/duckdb.ts'
import { glueTableOf } from '../src/derive/glue.ts'
import { eventsSchema } from '../src/derive/json-schema.ts'
import { openapiOf } from '../src/derive/openapi.ts'
import { parquetSchemaOf } from '../src/derive/parquet.ts'
import { withRecord } from '../src/derive/record-column.ts'
import { referencePages } from '../src/derive/reference.ts'
import { TABLES, type Table } from '../src/derive/table.ts'
import { trinoBaseDdl, trinoLateDdl, trinoRawDdl, trinoViewDdl } from '../src/derive/trino.ts'
import { trinoType } from '../src/derive/trino-type.ts'
import { typeDeclarations } from '../src/derive/types.ts'
import { ROUTES } from '../src/http/routes.ts'
import { API_SCHEMAS } from '../src/http/schemas.ts'
import { dialectPage } from '../src/reports/dialect-page.ts'
import { METRICS } from '../src/reports/metrics.ts'
import { parseModels } from '../src/reports/model.ts'
import { compileModels } from '../src/reports/models.ts'
import { modelsPage } from '../src/reports/models-page.ts'

/**
 * Text of every generated file by its path from the root, without the lock, which only a release writes. `models`: the SQL of
 * each by name. `viewColumns`: columns of each model's view, as `trinoColumns` gives them.
 */
export function generatedFiles(
  version: string,
  models: { readonly [name: string]: string },
  viewColumns: { readonly [view: string]: readonly ViewColumn[] },
): { [file: string]: string } {
  const files: { [file: string]: string } = {
    'generated/events.schema.json': json(eventsSchema()),
    'generated/columns.json': json(eachTable(columnsOf)),
    'generated/parquet.json': json(eachTable(parquetSchemaOf)),
    'generated/glue.json': json(eachTable((table) => glueTableOf(withRecord(table)))),
    'generated/trino.sql': sql({ ...eachTable(trinoDdl), late: trinoLateDdl(TRINO) }),
    'generated/view-columns.json': json(viewColumns),
    'generated/duckdb.sql': sql(
      eachTable((table) => `${createTableSql(`"${table.event_type}"`, table)};`),
    ),
    'generated/openapi.json': json(openapiOf(ROUTES, API_SCHEMAS, version)),
    'generated/metrics.json': json(METRICS),
    'generated/events.d.ts': typeDeclarations(),
    'docs/reference/dialect.md': dialectPage(),
    'docs/reference/models.md': modelsPage(parseModels(models)),
  }
  for (const [name, text] of Object.entries(referencePages())) {
    files[`docs/reference/${name}`] = text
  }
  return files
}

/** Names in the committed DDL; whoever runs it replaces them. */
const TRINO = { schema: 'shoplake', location: 's3://shoplake' }

function trinoDdl(table: Table): string {
  return [
    trinoRawDdl(table, TRINO),
    trinoBaseDdl(table, TRINO),
    ...trinoViewDdl(table, TRINO.schema),
  ].join('\n\n')
}

/** Statements that make every event table and model on an empty DuckDB, and the names of the models in order. */
export function duckdbSchema(models: { readonly [name: string]: string }): {
  statements: string[]
  views: string[]
} {
  const views = compileModels(parseModels(models), 'duckdb')
  const tables = Object.values(TABLES).flatMap((table) => [
    createTableSql(table.event_type, table),
    `ALTER TABLE ${table.event_type} ADD COLUMN dt DATE`,
  ])
  return {
    statements: [...tables, ...views.map((view) => `CREATE VIEW ${view.name} AS ${view.sql}`)],
    views: views.map((view) => view.name),
  }
}

/** Columns by Trino's types, from DuckDB's names of them. Throws a plain Error for a type that no view has had. */
export function trinoColumns(described: readonly { name: string; type: string }[]): ViewColumn[] {
  return described.map(({ name, type }) => ({ name, type: trinoTypeOfDuckdb(type) }))
}

const SAME_TYPES: { readonly [duckdb: string]: string } = {
  TIMESTAMP: 'timestamp(3)',
  JSON: 'varchar',
}

function trinoTypeOfDuckdb(type: string): string {
  if (SAME_TYPES[type]) return SAME_TYPES[type]
  if (type.endsWith('[]')) return `array(${trinoTypeOfDuckdb(type.slice(0, -2))})`
  const [, inside] = /^STRUCT\((.*)\)$/.exec(type) ?? []
  if (inside !== undefined) {
    // A comma within a decimal is followed by a digit, not by a blank.
    const fields = inside.split(', ').map((field) => {
      const [, name, of = ''] = /^"?(\w+)"? (.*)$/.exec(field) ?? []
      return `"${name}" ${trinoTypeOfDuckdb(of)}`
    })
    return `row(${fields.join(', ')})`
  }
  const [, digits] = /^DECIMAL\((\d+,\d+)\)$/.exec(type) ?? []
  if (digits !== undefined) return `decimal(${digits.replace(',', ', ')})`
  if (/^(VARCHAR|BIGINT|INTEGER|DOUBLE|BOOLEAN|DATE)$/.test(type)) return type.toLowerCase()
  throw new Error(`a view has a column of type ${type}, which Athena would be told nothing of`)
}

/** Sentences about what the tables break of a release's lock. */
export function problemsWith(lock: ColumnsLock): string[] {
  return compatibilityProblems(lock, TABLES)
}

export function lockText(release: string): string {
  return json(columnsLockOf(release, TABLES))
}

function eachTable<T>(derive: (table: Table) => T): { [event_type: string]: T } {
  return Object.fromEntries(
    Object.entries(TABLES).map(([event_type, table]) => [event_type, derive(table)]),
  )
}

function columnsOf(table: Table) {
  return table.columns.map((field) => ({
    name: field.name,
    type: trinoType(field.column),
    required: field.required,
    identity: field.identity,
    description: field.description,
  }))
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

function sql(statements: { [event_type: string]: string }): string {
  return `-- Generated by \`npm run generate\`. Do not edit.\n\n${Object.values(statements).join('\n\n')}\n`
}
