import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import * as s3 from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'

/** Folders of the lake's bucket. */
export const LAKE_FOLDERS = {
  /** What the lake writer put there, immutable: raw/<event_type>/dt=YYYY-MM-DD/… */
  raw: 'raw/',
  /** Compacted Iceberg tables: base/<event_type>/… */
  base: 'base/',
  /** Rows of models, made ahead, as Iceberg tables: kept/<model>/… */
  kept: 'kept/',
  /** Results of queries. */
  results: 'results/',
  /** Batches that a consumer gave up on. The event source mapping names the objects itself. */
  failed: 'aws/lambda/',
} as const

/** The bucket that holds the lake, and the one that holds the log of who reads it. Both outlive the stack. */
export class Lake extends Construct {
  readonly bucket: s3.Bucket
  readonly logs: s3.Bucket

  constructor(scope: Construct, id: string) {
    super(scope, id)
    this.logs = new s3.Bucket(this, 'Logs', {
      ...PRIVATE,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
      lifecycleRules: [{ expiration: Duration.days(90) }],
    })
    this.bucket = new s3.Bucket(this, 'Bucket', {
      ...PRIVATE,
      serverAccessLogsBucket: this.logs,
      serverAccessLogsPrefix: 'lake/',
      // A table that a mistake has overwritten can be brought back for a week; an erased person is gone after it.
      versioned: true,
      lifecycleRules: [
        {
          noncurrentVersionExpiration: Duration.days(7),
          abortIncompleteMultipartUploadAfter: Duration.days(1),
          expiredObjectDeleteMarker: true,
        },
        {
          prefix: LAKE_FOLDERS.base,
          transitions: [
            {
              storageClass: s3.StorageClass.INTELLIGENT_TIERING,
              transitionAfter: Duration.days(60),
            },
          ],
        },
        { prefix: LAKE_FOLDERS.results, expiration: Duration.days(2) },
        { prefix: LAKE_FOLDERS.failed, expiration: Duration.days(30) },
      ],
    })
  }
}

/** Of every bucket: nothing public, nothing in the clear. */
export const PRIVATE = {
  encryption: s3.BucketEncryption.S3_MANAGED,
  blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  removalPolicy: RemovalPolicy.RETAIN,
} as const
