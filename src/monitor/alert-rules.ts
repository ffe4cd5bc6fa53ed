/** Every figure that a rule may look at; its meaning and unit. */
export const SIGNALS = {
  stream_writable: '1 while the stream takes records, else 0',
  disk_headroom_bytes: 'Free bytes above the reserve.',
  store_lag_records: 'Records that the store updater has not committed.',
  lake_up: '1 while the lake process answers, else 0',
  lake_lag_s: 'Seconds by which SQL is behind.',
  events: 'Events accepted in the last 15 minutes.',
  orders: 'Orders accepted in the last hour.',
  rejected_share:
    'Refused part of the events of the last 15 minutes, 0 to 1; unknown below 100 events.',
  not_encodable: 'Accepted events of the last hour that no writer could encode.',
} as const

export type SignalName = keyof typeof SIGNALS

export interface Signal {
  readonly value: number
  /** The same figure for the stretch of time before, without the busiest twelfth of its minutes. */
  readonly previous?: number
  /** When the last event that it counts was received, milliseconds since 1970. */
  readonly last_at?: number
}

interface RuleBase {
  readonly name: string
  readonly severity: 'critical' | 'warning'
  /** One sentence for the person who is woken up: what is wrong and what it means. */
  readonly summary: string
  /** The condition must hold this long before the alert fires, and be gone as long before it resolves. */
  readonly hold_s: number
}

/** A rule is data: what to look at and where the bound is. */
export type AlertRule =
  | (RuleBase & {
      readonly kind: 'threshold'
      readonly signal: SignalName
      readonly is: 'above' | 'below'
      readonly bound: number
    })
  | (RuleBase & {
      /** Against the stretch before; silent while that was below `at_least`. */
      readonly kind: 'change'
      readonly signal: SignalName
      readonly is: 'drop' | 'rise'
      /** Part of the former value: 0.7 is a drop by 70 %, or a rise to 170 %. */
      readonly share: number
      readonly at_least: number
    })
  | (RuleBase & {
      /** Nothing for so long, after there was something. */
      readonly kind: 'no_data'
      readonly signal: SignalName
      readonly minutes: number
    })
  | (RuleBase & { readonly kind: 'ledger' })

/** The rules that every shop gets. */
export const ALERT_RULES: readonly AlertRule[] = [
  {
    name: 'stream_not_writable',
    severity: 'critical',
    summary: 'Events are refused with 503: the stream cannot be written.',
    hold_s: 15,
    kind: 'threshold',
    signal: 'stream_writable',
    is: 'below',
    bound: 1,
  },
  {
    name: 'ledger_out_of_balance',
    severity: 'critical',
    summary: 'Accepted events are not accounted for: lake, store and stream disagree.',
    hold_s: 60,
    kind: 'ledger',
  },
  {
    name: 'disk_low',
    severity: 'warning',
    summary: 'The disk is close to its reserve; at the reserve events are refused.',
    hold_s: 60,
    kind: 'threshold',
    signal: 'disk_headroom_bytes',
    is: 'below',
    bound: 2_000_000_000,
  },
  {
    name: 'store_behind',
    severity: 'warning',
    summary: 'Current state (orders, customers, stock, live) is behind.',
    hold_s: 120,
    kind: 'threshold',
    signal: 'store_lag_records',
    is: 'above',
    bound: 20_000,
  },
  {
    name: 'lake_process_down',
    severity: 'warning',
    summary:
      'The lake process does not run or does not answer: events are taken, SQL and reports wait.',
    hold_s: 60,
    kind: 'threshold',
    signal: 'lake_up',
    is: 'below',
    bound: 1,
  },
  {
    name: 'lake_behind',
    severity: 'warning',
    summary: 'SQL and reports are more than five minutes behind.',
    hold_s: 60,
    kind: 'threshold',
    signal: 'lake_lag_s',
    is: 'above',
    bound: 300,
  },
  {
    name: 'many_rejected',
    severity: 'warning',
    summary: 'More than 5 % of the events are refused; the dead letters say why.',
    hold_s: 300,
    kind: 'threshold',
    signal: 'rejected_share',
    is: 'above',
    bound: 0.05,
  },
  {
    name: 'not_encodable',
    severity: 'warning',
    summary: 'Accepted events cannot be written to the lake; they are kept as dead letters.',
    hold_s: 0,
    kind: 'threshold',
    signal: 'not_encodable',
    is: 'above',
    bound: 0,
  },
  {
    name: 'orders_dropped',
    severity: 'warning',
    summary: 'Orders fell by more than 80 % against the hour before.',
    hold_s: 300,
    kind: 'change',
    signal: 'orders',
    is: 'drop',
    share: 0.8,
    at_least: 20,
  },
  {
    name: 'no_events',
    severity: 'warning',
    summary: 'No event has come for 30 minutes: is the tracker still in place?',
    hold_s: 0,
    kind: 'no_data',
    signal: 'events',
    minutes: 30,
  },
]
