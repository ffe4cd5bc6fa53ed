import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import * as kinesis from 'aws-cdk-lib/aws-kinesis'
import type { Construct } from 'constructs'
import { type HomeSettings, PRESETS } from './settings.ts'

/** The stream between the door and its two consumers. */
export function makeStream(scope: Construct, settings: HomeSettings): kinesis.Stream {
  const preset = PRESETS[settings.preset]
  return new kinesis.Stream(scope, 'Stream', {
    streamName: settings.name,
    ...(settings.stream === 'on_demand'
      ? { streamMode: kinesis.StreamMode.ON_DEMAND }
      : { streamMode: kinesis.StreamMode.PROVISIONED, shardCount: preset.shards }),
    retentionPeriod: Duration.hours(preset.retention_hours),
    encryption: kinesis.StreamEncryption.MANAGED,
    // Lake and store hold what it has carried; a stream alone costs by the hour.
    removalPolicy: RemovalPolicy.DESTROY,
  })
}
