import type { Stack } from 'aws-cdk-lib'
import type { ITable } from 'aws-cdk-lib/aws-dynamodb'
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IStream } from 'aws-cdk-lib/aws-kinesis'
import type { IBucket } from 'aws-cdk-lib/aws-s3'
import { allow } from './functions.ts'
import { LAKE_FOLDERS } from './lake.ts'

interface AthenaNames {
  readonly database: string
  readonly workgroup: string
}

/** What each function may do, action by action: no wildcard stands for one. */
export function appendTo(stream: IStream): PolicyStatement {
  return allow(['kinesis:PutRecords'], [stream.streamArn])
}

/** Reads the stream's tail, for the ledger. */
export function readStream(stream: IStream): PolicyStatement {
  return allow(
    ['kinesis:GetRecords', 'kinesis:GetShardIterator', 'kinesis:ListShards'],
    [stream.streamArn],
  )
}

export function readStore(store: ITable): PolicyStatement {
  return allow(['dynamodb:BatchGetItem', 'dynamodb:Query'], [store.tableArn])
}

/** Shares are put whole, and deleted by DynamoDB itself. */
export function writeStore(store: ITable): PolicyStatement {
  return allow(['dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:Query'], [store.tableArn])
}

/** Makes and revokes API keys. */
export function keepKeys(store: ITable): PolicyStatement {
  return allow(['dynamodb:DeleteItem', 'dynamodb:PutItem'], [store.tableArn])
}

/** Adds objects to the raw folder; overwriting is refused by the objects' own condition. */
export function writeLake(bucket: IBucket): PolicyStatement {
  return allow(['s3:PutObject'], [bucket.arnForObjects(`${LAKE_FOLDERS.raw}*`)])
}

/** Asks in the one workgroup, over the one database, and reads the results. */
export function askAthena(
  stack: Stack,
  { database, workgroup }: AthenaNames,
  bucket: IBucket,
): PolicyStatement[] {
  const workgroupArn = stack.formatArn({
    service: 'athena',
    resource: 'workgroup',
    resourceName: workgroup,
  })
  return [
    allow(
      [
        'athena:GetQueryExecution',
        'athena:GetQueryResults',
        'athena:GetWorkGroup',
        'athena:StartQueryExecution',
        'athena:StopQueryExecution',
      ],
      [workgroupArn],
    ),
    allow(
      [
        'glue:GetDatabase',
        'glue:GetPartition',
        'glue:GetPartitions',
        'glue:GetTable',
        'glue:GetTables',
      ],
      catalogueArns(stack, database),
    ),
    allow(
      ['s3:GetObject'],
      [
        bucket.arnForObjects(`${LAKE_FOLDERS.raw}*`),
        bucket.arnForObjects(`${LAKE_FOLDERS.base}*`),
        bucket.arnForObjects(`${LAKE_FOLDERS.kept}*`),
        bucket.arnForObjects(`${LAKE_FOLDERS.results}*`),
      ],
    ),
    allow(
      ['s3:AbortMultipartUpload', 's3:PutObject'],
      [bucket.arnForObjects(`${LAKE_FOLDERS.results}*`)],
    ),
    allow(['s3:GetBucketLocation', 's3:ListBucket'], [bucket.bucketArn]),
  ]
}

/** Lays, fills and rewrites the compacted tables, and clears away what they have taken in. */
export function ownTables(
  stack: Stack,
  { database }: AthenaNames,
  bucket: IBucket,
): PolicyStatement[] {
  return [
    allow(['glue:CreateTable', 'glue:UpdateTable'], catalogueArns(stack, database)),
    allow(
      ['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:PutObject'],
      [
        bucket.arnForObjects(`${LAKE_FOLDERS.base}*`),
        bucket.arnForObjects(`${LAKE_FOLDERS.kept}*`),
      ],
    ),
    allow(['s3:DeleteObject'], [bucket.arnForObjects(`${LAKE_FOLDERS.raw}*`)]),
  ]
}

function catalogueArns(stack: Stack, database: string): string[] {
  const arn = (resource: string, resourceName?: string) =>
    stack.formatArn({
      service: 'glue',
      resource,
      ...(resourceName !== undefined && { resourceName }),
    })
  return [arn('catalog'), arn('database', database), arn('table', `${database}/*`)]
}
