import { Stack } from 'aws-cdk-lib'
import * as glue from 'aws-cdk-lib/aws-glue'
import { Construct } from 'constructs'
import viewColumns from '../../generated/view-columns.json' with { type: 'json' }
import {
  athenaNames,
  compactedViewSql,
  eventViewColumns,
  eventViewSql,
  hiveTypeOf,
  keptViewSql,
  prestoViewText,
  type ViewColumn,
} from '../../src/derive/athena.ts'
import { TABLES } from '../../src/derive/table.ts'
import type { Model } from '../../src/reports/model.ts'
import { compileModels } from '../../src/reports/models.ts'
import { pascal } from './catalogue.ts'

interface View {
  readonly name: string
  readonly sql: string
  readonly columns: readonly ViewColumn[]
  readonly description: string
}

/** Views of every event type and every model, as Athena keeps them: what reports and people ask. */
export class Views extends Construct {
  constructor(scope: Construct, id: string, database: string, models: readonly Model[]) {
    super(scope, id)
    for (const view of [...eventViews(), ...modelViews(models)]) {
      new glue.CfnTable(this, pascal(view.name), {
        catalogId: Stack.of(this).account,
        databaseName: database,
        tableInput: viewInput(view, database),
      })
    }
  }
}

function eventViews(): View[] {
  return Object.values(TABLES).flatMap((table) => {
    const { view, compacted } = athenaNames(table.event_type)
    const columns = eventViewColumns(table)
    return [
      {
        ...{ name: view, columns, sql: eventViewSql(table) },
        description: `Every ${table.event_type} event, once.`,
      },
      {
        ...{ name: compacted, columns, sql: compactedViewSql(table) },
        description: `${table.event_type} events as of the last compaction: what models and reports read.`,
      },
    ]
  })
}

function modelViews(models: readonly Model[]): View[] {
  const columns: { readonly [view: string]: readonly ViewColumn[] } = viewColumns
  return compileModels(models, 'trino').map(({ name, sql, in_table }) => ({
    name,
    sql: in_table ? keptViewSql(name, columns[name]!) : sql,
    columns: columns[name]!,
    description: models.find((model) => model.name === name)?.description ?? 'Every event.',
  }))
}

function viewInput(view: View, database: string): glue.CfnTable.TableInputProperty {
  return {
    name: view.name,
    description: view.description,
    tableType: 'VIRTUAL_VIEW',
    parameters: { presto_view: 'true', comment: 'Presto View' },
    viewOriginalText: prestoViewText({ sql: view.sql, database, columns: view.columns }),
    viewExpandedText: '/* Presto View */',
    storageDescriptor: {
      columns: view.columns.map(({ name, type }) => ({ name, type: hiveTypeOf(type) })),
      serdeInfo: {},
    },
  }
}
