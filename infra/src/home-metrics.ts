import type { Duration } from 'aws-cdk-lib'
import type { RestApi } from 'aws-cdk-lib/aws-apigateway'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb'
import type { IStream } from 'aws-cdk-lib/aws-kinesis'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { MetricName } from '../../src/metrics.ts'
import prices from '../../src/monitor/prices.json' with { type: 'json' }
import type { FunctionName } from './functions.ts'

/** Namespace of the metrics that functions write in their logs. */
export const METRIC_NAMESPACE = 'shoplake'

/** What a home measures, by what it means. Alarms and the dashboard look at the same. */
export interface HomeMetrics {
  readonly functionNames: readonly FunctionName[]
  /** A metric of the product, as on one machine. */
  product(
    name: MetricName,
    period: Duration,
    dimensions?: { readonly [label: string]: string },
    statistic?: string,
  ): cloudwatch.IMetric
  gateway(name: string, statistic: string, period: Duration): cloudwatch.Metric
  functionMetric(
    name: FunctionName,
    metric: string,
    statistic: string,
    period: Duration,
  ): cloudwatch.Metric
  /** How old the oldest record is that a consumer takes in, in seconds. */
  ageSeconds(consumer: 'write-lake' | 'update-store', period: Duration): cloudwatch.IMetric
  refusedShare(period: Duration): cloudwatch.IMetric
  givenUp(period: Duration): cloudwatch.IMetric
  streamThrottled(period: Duration): cloudwatch.IMetric
  storeThrottled(period: Duration): cloudwatch.IMetric
  functionTrouble(name: FunctionName, period: Duration): cloudwatch.IMetric
  /** Dollars that gateway, authorizer and collect take for a million accepted events. */
  doorCostPerMillion(period: Duration): cloudwatch.IMetric
}

export interface MeasuredParts {
  readonly api: RestApi
  readonly stream: IStream
  readonly store: TableV2
  readonly functions: { readonly [name in FunctionName]: LambdaFunction }
}

/** The metrics of a home's parts. */
export function homeMetrics({ api, stream, store, functions }: MeasuredParts): HomeMetrics {
  const functionNames = Object.keys(functions) as FunctionName[]
  const functionMetric: HomeMetrics['functionMetric'] = (name, metricName, statistic, period) =>
    functions[name].metric(metricName, { statistic, period })
  const gateway: HomeMetrics['gateway'] = (metricName, statistic, period) =>
    api.deploymentStage.metric(metricName, { statistic, period })
  const product: HomeMetrics['product'] = (name, period, dimensions = {}, statistic = 'Sum') =>
    new cloudwatch.Metric({
      namespace: METRIC_NAMESPACE,
      metricName: name,
      dimensionsMap: { ...dimensions },
      statistic,
      period,
    })
  /** Ids must differ within a graph, so they carry what the sum is of. */
  const sum = (
    of: string,
    label: string,
    period: Duration,
    parts: readonly cloudwatch.IMetric[],
  ) => {
    const usingMetrics = Object.fromEntries(parts.map((part, index) => [`${of}_${index}`, part]))
    const expression = Object.keys(usingMetrics)
      .map((id) => `FILL(${id}, 0)`)
      .join(' + ')
    return new cloudwatch.MathExpression({ label, expression, usingMetrics, period })
  }
  const memoryGb = (name: FunctionName) => functionMemoryGb(functions[name])
  return {
    functionNames,
    product,
    gateway,
    functionMetric,
    ageSeconds: (consumer, period) => {
      const age = idOf(consumer)
      return new cloudwatch.MathExpression({
        label: `${consumer}, seconds behind`,
        expression: `${age} / 1000`,
        usingMetrics: { [age]: functionMetric(consumer, 'IteratorAge', 'Maximum', period) },
        period,
      })
    },
    refusedShare: (period) =>
      new cloudwatch.MathExpression({
        label: 'refused requests, share',
        expression: 'IF(all > 100, refused / all, 0)',
        usingMetrics: {
          refused: gateway('4XXError', 'Sum', period),
          all: gateway('Count', 'Sum', period),
        },
        period,
      }),
    givenUp: (period) =>
      sum('given_up', 'batches given up', period, [
        functionMetric('write-lake', 'OnFailureDestinationDeliveredEventCount', 'Sum', period),
        functionMetric('update-store', 'OnFailureDestinationDeliveredEventCount', 'Sum', period),
      ]),
    streamThrottled: (period) =>
      stream.metric('WriteProvisionedThroughputExceeded', { statistic: 'Sum', period }),
    storeThrottled: (period) => store.metric('WriteThrottleEvents', { statistic: 'Sum', period }),
    functionTrouble: (name, period) =>
      sum(idOf(name), `${name}, failed or held back`, period, [
        functionMetric(name, 'Errors', 'Sum', period),
        functionMetric(name, 'Throttles', 'Sum', period),
      ]),
    doorCostPerMillion: (period) =>
      new cloudwatch.MathExpression({
        label: 'dollars per million events at the door',
        expression: doorCost(memoryGb('collect'), memoryGb('authorize')),
        usingMetrics: {
          requests: gateway('Count', 'Sum', period),
          collect_ms: functionMetric('collect', 'Duration', 'Sum', period),
          authorize_ms: functionMetric('authorize', 'Duration', 'Sum', period),
          events: product('shoplake_events_total', period, { verdict: 'accepted' }),
        },
        period,
      }),
  }
}

/** An id of a metric in an expression: lower case, digits and _. */
function idOf(name: FunctionName): string {
  return name.replaceAll('-', '_')
}

/** Each request is one of the gateway and two of Lambda; duration comes on top. Silent while too little comes to say. */
function doorCost(collectGb: number, authorizeGb: number): string {
  const { gateway_million_requests, lambda_million_requests, lambda_gb_second } = prices.prices
  const request = (gateway_million_requests.tiers[0]![1]! + 2 * lambda_million_requests.usd) / 1e6
  const second = lambda_gb_second.usd
  return (
    `IF(events > 1000, 1000000 * (requests * ${request.toFixed(9)} + ` +
    `collect_ms / 1000 * ${(second * collectGb).toFixed(12)} + ` +
    `authorize_ms / 1000 * ${(second * authorizeGb).toFixed(12)}) / events, 0)`
  )
}

function functionMemoryGb(made: LambdaFunction): number {
  const { memorySize } = made.node.defaultChild as unknown as { memorySize: number }
  return memorySize / 1024
}
