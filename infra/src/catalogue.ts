import { Stack } from 'aws-cdk-lib'
import * as athena from 'aws-cdk-lib/aws-athena'
import * as glue from 'aws-cdk-lib/aws-glue'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import { athenaNames } from '../../src/derive/athena.ts'
import { glueTableOf } from '../../src/derive/glue.ts'
import { withRecord } from '../../src/derive/record-column.ts'
import { TABLES, type Table } from '../../src/derive/table.ts'
import { LAKE_FOLDERS } from './lake.ts'
import { type HomeSettings, PRESETS } from './settings.ts'

const PARQUET = {
  inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  serdeInfo: {
    serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe',
  },
}

/**
 * What Athena knows of the lake: a database, one table per event type over what the lake writer puts there, and the
 * workgroup in which everything is asked. Compacted tables are laid by the compaction, which owns their files.
 */
export class Catalogue extends Construct {
  readonly database: string
  readonly workgroup: string

  constructor(scope: Construct, id: string, bucket: IBucket, settings: HomeSettings) {
    super(scope, id)
    this.database = settings.name.replaceAll('-', '_')
    this.workgroup = settings.name
    const catalogId = Stack.of(this).account
    const database = new glue.CfnDatabase(this, 'Database', {
      catalogId,
      databaseInput: { name: this.database, description: 'Events of the shop.' },
    })
    for (const table of Object.values(TABLES)) {
      const made = new glue.CfnTable(this, pascal(table.event_type), {
        catalogId,
        databaseName: this.database,
        tableInput: rawTable(
          table,
          bucket.s3UrlForObject(`${LAKE_FOLDERS.raw}${table.event_type}/`),
        ),
      })
      made.addResourceDependency(database)
    }
    new athena.CfnWorkGroup(this, 'Workgroup', {
      name: this.workgroup,
      description: 'Reports, SQL and compaction of shoplake.',
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        // What a client asks for cannot lift the limit or send results elsewhere.
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: PRESETS[settings.preset].scan_limit_bytes,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: bucket.s3UrlForObject(LAKE_FOLDERS.results),
          encryptionConfiguration: { encryptionOption: 'SSE_S3' },
        },
      },
    })
  }
}

function rawTable(table: Table, location: string): glue.CfnTable.TableInputProperty {
  return {
    name: athenaNames(table.event_type).raw,
    description: `${table.event_type} events that wait for compaction.`,
    tableType: 'EXTERNAL_TABLE',
    parameters: { classification: 'parquet', EXTERNAL: 'TRUE' },
    storageDescriptor: {
      ...PARQUET,
      location,
      columns: glueTableOf(withRecord(table)).columns.map(glueColumn),
    },
  }
}

/** A column as CloudFormation spells it. */
export function glueColumn(column: {
  readonly Name: string
  readonly Type: string
  readonly Comment?: string
}): glue.CfnTable.ColumnProperty {
  const { Name: name, Type: type, Comment: comment } = column
  return comment === undefined ? { name, type } : { name, type, comment }
}

/** `order_created` → `OrderCreated`: an id of a construct. */
export function pascal(name: string): string {
  return name.replace(/(^|_)(\w)/g, (_, __, letter: string) => letter.toUpperCase())
}
