import { Duration } from 'aws-cdk-lib'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import * as sns from 'aws-cdk-lib/aws-sns'
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions'
import { Construct } from 'constructs'
import { ALERT_RULES, type AlertRule, type SignalName } from '../../src/monitor/alert-rules.ts'
import { pascal } from './catalogue.ts'
import type { HomeMetrics } from './home-metrics.ts'
import type { HomeSettings } from './settings.ts'

const MINUTE = Duration.minutes(1)
const { GREATER_THAN_THRESHOLD, LESS_THAN_THRESHOLD } = cloudwatch.ComparisonOperator
const { BREACHING, NOT_BREACHING } = cloudwatch.TreatMissingData

/** How CloudWatch sees a signal of the product's alert rules, over `period`. */
type Seen = (metrics: HomeMetrics, period: Duration) => cloudwatch.IMetric

/**
 * Signals that CloudWatch can see. Not among them: the disk and the processes of one machine, records that wait (Lambda tells an age),
 * and orders against the hour before, which CloudWatch has no comparison for.
 */
const SIGNALS: { readonly [signal in SignalName]?: Seen } = {
  stream_writable: (metrics, period) =>
    new cloudwatch.MathExpression({
      label: 'takes events',
      expression: 'IF(FILL(failed, 0) > 0, 0, 1)',
      usingMetrics: { failed: metrics.gateway('5XXError', 'Sum', period) },
      period,
    }),
  lake_lag_s: (metrics, period) => metrics.ageSeconds('write-lake', period),
  rejected_share: (metrics, period) =>
    new cloudwatch.MathExpression({
      label: 'refused share',
      expression: 'IF(taken + refused > 100, refused / (taken + refused), 0)',
      usingMetrics: {
        taken: metrics.product('shoplake_events_total', period, { verdict: 'accepted' }),
        refused: metrics.product('shoplake_events_total', period, { verdict: 'rejected' }),
      },
      period,
    }),
  not_encodable: (metrics, period) => metrics.product('shoplake_not_encodable_total', period),
  events: (metrics, period) =>
    metrics.product('shoplake_events_total', period, { verdict: 'accepted' }),
}

/** What only AWS has: who is turned away, who stands still, what was given up on. */
function ownAlarms(metrics: HomeMetrics): { [name: string]: AlarmSpec } {
  const fifteen = Duration.minutes(15)
  const alarms: { [name: string]: AlarmSpec } = {
    store_behind: {
      severity: 'warning',
      summary: 'Current state (orders, customers, stock, live) is more than five minutes behind.',
      metric: metrics.ageSeconds('update-store', MINUTE),
      above: 300,
    },
    turned_away: {
      severity: 'warning',
      summary: 'More than 5 % of the requests are refused: keys, rates or bodies do not fit.',
      metric: metrics.refusedShare(fifteen),
      above: 0.05,
    },
    batch_given_up: {
      severity: 'critical',
      summary: 'A batch was put aside after every retry: it lies under aws/lambda/ in the lake.',
      metric: metrics.givenUp(MINUTE),
      above: 0,
    },
    stream_throttled: {
      severity: 'warning',
      summary: 'The stream has too few shards for what comes in; the door tries again and slows.',
      metric: metrics.streamThrottled(fifteen),
      above: 100,
    },
    store_throttled: {
      severity: 'warning',
      summary: 'DynamoDB turns writes away; the store falls behind until it scales.',
      metric: metrics.storeThrottled(fifteen),
      above: 100,
    },
    dear: {
      severity: 'warning',
      summary: 'A million events costs more than a dollar at the door: requests carry too few.',
      metric: metrics.doorCostPerMillion(Duration.hours(1)),
      above: 1,
    },
  }
  for (const name of metrics.functionNames) {
    alarms[`${name.replaceAll('-', '_')}_fails`] = {
      severity: name === 'collect' ? 'critical' : 'warning',
      summary: `The function ${name} fails or is held back; its log says why.`,
      metric: metrics.functionTrouble(name, fifteen),
      above: 3,
    }
  }
  return alarms
}

interface AlarmSpec {
  readonly severity: AlertRule['severity']
  readonly summary: string
  readonly metric: cloudwatch.IMetric
  readonly above?: number
  readonly below?: number
  readonly periods?: number
  readonly silence_is_bad?: boolean
}

/** Alarms on what hurts a user, from the one table of alert rules where CloudWatch sees the same thing, and the topic that tells of them. */
export class Alarms extends Construct {
  readonly topic: sns.Topic
  readonly alarms: readonly cloudwatch.Alarm[]

  constructor(scope: Construct, id: string, metrics: HomeMetrics, settings: HomeSettings) {
    super(scope, id)
    this.topic = new sns.Topic(this, 'Topic', { enforceSSL: true })
    if (settings.alert_email !== '') {
      this.topic.addSubscription(new subscriptions.EmailSubscription(settings.alert_email))
    }
    const specs = { ...rulesSeen(metrics), ...ownAlarms(metrics) }
    this.alarms = Object.entries(specs).map(([name, spec]) => {
      const alarm = new cloudwatch.Alarm(this, pascal(name), {
        alarmName: `${settings.name}-${name.replaceAll('_', '-')}`,
        alarmDescription: `${spec.severity}: ${spec.summary}`,
        metric: spec.metric,
        comparisonOperator: spec.below === undefined ? GREATER_THAN_THRESHOLD : LESS_THAN_THRESHOLD,
        threshold: spec.below ?? spec.above!,
        evaluationPeriods: spec.periods ?? 1,
        treatMissingData: spec.silence_is_bad ? BREACHING : NOT_BREACHING,
      })
      alarm.addAlarmAction(new SnsAction(this.topic))
      alarm.addOkAction(new SnsAction(this.topic))
      return alarm
    })
  }
}

function rulesSeen(metrics: HomeMetrics): { [name: string]: AlarmSpec } {
  const found = ALERT_RULES.flatMap((rule) => {
    const spec = specOf(rule, metrics)
    return spec ? [[rule.name, spec] as const] : []
  })
  return Object.fromEntries(found)
}

/** Of the rules: the ledger is summed up by the functions, since only they can read both sides of it. */
function specOf(rule: AlertRule, metrics: HomeMetrics): AlarmSpec | undefined {
  const head = { severity: rule.severity, summary: rule.summary }
  if (rule.kind === 'ledger') {
    const metric = metrics.product('shoplake_alerts_firing', Duration.minutes(15), {}, 'Maximum')
    return { ...head, metric, above: 0 }
  }
  const seen = SIGNALS[rule.signal]
  if (!seen || rule.kind === 'change') return undefined
  if (rule.kind === 'no_data') {
    const metric = seen(metrics, Duration.minutes(rule.minutes))
    return { ...head, metric, below: 1, silence_is_bad: true }
  }
  const bound = rule.is === 'above' ? { above: rule.bound } : { below: rule.bound }
  return {
    ...head,
    ...bound,
    metric: seen(metrics, MINUTE),
    periods: Math.max(1, Math.ceil(rule.hold_s / 60)),
  }
}
