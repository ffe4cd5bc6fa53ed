import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch'
import type { Place } from './clients.ts'

/** An alarm as CloudWatch sees it now. */
export interface AlarmInfo {
  readonly name: string
  readonly state: string
  /** What it means, as the infrastructure wrote it. */
  readonly description: string
  /** ISO 8601, since when. */
  readonly since: string | null
}

export function cloudwatchClient(place: Place): CloudWatchClient {
  return new CloudWatchClient({ ...place, maxAttempts: 4 })
}

/** All alarms of a home: their names begin with its own. Rejects with the SDK's error. */
export async function listAlarms(client: CloudWatchClient, home: string): Promise<AlarmInfo[]> {
  const found: AlarmInfo[] = []
  let NextToken: string | undefined
  do {
    const page = await client.send(
      new DescribeAlarmsCommand({ AlarmNamePrefix: `${home}-`, ...(NextToken && { NextToken }) }),
    )
    for (const alarm of page.MetricAlarms ?? []) {
      found.push({
        name: alarm.AlarmName!,
        state: alarm.StateValue!,
        description: alarm.AlarmDescription ?? '',
        since: alarm.StateUpdatedTimestamp?.toISOString() ?? null,
      })
    }
    NextToken = page.NextToken
  } while (NextToken)
  return found
}
