import { Duration } from 'aws-cdk-lib'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import { Construct } from 'constructs'
import type { HomeMetrics } from './home-metrics.ts'

const FIVE = Duration.minutes(5)

/** One screen: what comes in, whether it is on time, what it costs, and which alarms hold. */
export class Dashboard extends Construct {
  constructor(
    scope: Construct,
    id: string,
    options: {
      readonly name: string
      readonly metrics: HomeMetrics
      readonly alarms: readonly cloudwatch.IAlarm[]
    },
  ) {
    super(scope, id)
    const { metrics } = options
    new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: options.name,
      defaultInterval: Duration.hours(12),
      widgets: [
        [
          new cloudwatch.AlarmStatusWidget({
            title: 'Alarms',
            width: 24,
            alarms: [...options.alarms],
          }),
        ],
        [
          graph('Events by verdict', [
            metrics.product('shoplake_events_total', FIVE, { verdict: 'accepted' }),
            metrics.product('shoplake_events_total', FIVE, { verdict: 'rejected' }),
          ]),
          graph('Requests', [
            metrics.gateway('Count', 'Sum', FIVE),
            metrics.gateway('4XXError', 'Sum', FIVE),
            metrics.gateway('5XXError', 'Sum', FIVE),
          ]),
          graph('Milliseconds until an answer', [
            metrics.gateway('Latency', 'p50', FIVE),
            metrics.gateway('Latency', 'p99', FIVE),
          ]),
        ],
        [
          graph('Seconds behind', [
            metrics.ageSeconds('write-lake', FIVE),
            metrics.ageSeconds('update-store', FIVE),
          ]),
          graph('Failed or held back', [
            ...metrics.functionNames.map((name) => metrics.functionTrouble(name, FIVE)),
            metrics.givenUp(FIVE),
          ]),
          graph('Turned away by services', [
            metrics.streamThrottled(FIVE),
            metrics.storeThrottled(FIVE),
          ]),
        ],
        [
          graph(
            'Milliseconds of functions',
            metrics.functionNames.map((name) =>
              metrics.functionMetric(name, 'Duration', 'Average', FIVE),
            ),
          ),
          graph('Dollars per million events at the door', [
            metrics.doorCostPerMillion(Duration.hours(1)),
          ]),
          graph('Rows into the lake', [metrics.product('shoplake_lake_rows_total', FIVE)]),
        ],
      ],
    })
  }
}

function graph(title: string, left: cloudwatch.IMetric[]): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({ title, left, width: 8, height: 6, leftYAxis: { min: 0 } })
}
