import type { AlertRule, Signal, SignalName } from './alert-rules.ts'

/** What is known at one moment. A signal that is not known is left out: its rules keep their state. */
export interface AlertInput {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly signals: { readonly [S in SignalName]?: Signal }
  /** Left out where it was not asked. */
  readonly ledger?: {
    readonly balanced: boolean
    readonly complete: boolean
    readonly imbalances: readonly string[]
  }
}

/**
 * ok → pending (the condition holds) → firing (it held for hold_s) → clearing (it is gone) → ok (gone for hold_s).
 * `since` is when the alert began, `changed_at` when it came to this phase; milliseconds since 1970.
 */
export interface AlertState {
  readonly phase: 'ok' | 'pending' | 'firing' | 'clearing'
  readonly since: number
  readonly changed_at: number
  readonly detail: string
}

export type AlertStates = ReadonlyMap<string, AlertState>

/** What is told to people: the alert began or ended. */
export interface AlertNotice {
  readonly rule: AlertRule
  readonly state: 'firing' | 'resolved'
  readonly at: number
  readonly since: number
  readonly detail: string
}

/** Whether a rule's condition holds, in words; undefined where it cannot be told. */
type Finding = { readonly holds: boolean; readonly detail: string } | undefined

/** The next state of every rule and what is to be told. Pure; called every few seconds with the states it gave last. */
export function evaluateAlerts(
  rules: readonly AlertRule[],
  states: AlertStates,
  input: AlertInput,
): { states: AlertStates; notices: AlertNotice[] } {
  const next = new Map<string, AlertState>()
  const notices: AlertNotice[] = []
  for (const rule of rules) {
    const before = states.get(rule.name) ?? okSince(input.at)
    const after = nextState(rule, before, findingOf(rule, input), input.at)
    next.set(rule.name, after)
    const notice = noticeOf(rule, before, after, input.at)
    if (notice) notices.push(notice)
  }
  return { states: next, notices }
}

/** Whether an alert stands as firing to people: also while it clears. */
export function isFiring(state: AlertState | undefined): boolean {
  return state?.phase === 'firing' || state?.phase === 'clearing'
}

function okSince(at: number): AlertState {
  return { phase: 'ok', since: at, changed_at: at, detail: '' }
}

function nextState(rule: AlertRule, state: AlertState, finding: Finding, at: number): AlertState {
  if (!finding) return state
  // A clock that was set back: the phase lasts from now on, not only when its moment comes again.
  const known = { ...state, changed_at: Math.min(state.changed_at, at) }
  const hasHeld = at - known.changed_at >= rule.hold_s * 1000
  return finding.holds
    ? whileHolding(rule, known, finding.detail, hasHeld, at)
    : whileGone(rule, known, hasHeld, at)
}

function whileHolding(
  rule: AlertRule,
  state: AlertState,
  detail: string,
  hasHeld: boolean,
  at: number,
): AlertState {
  switch (state.phase) {
    case 'ok':
      return { phase: rule.hold_s === 0 ? 'firing' : 'pending', since: at, changed_at: at, detail }
    case 'pending':
      return hasHeld ? { ...state, phase: 'firing', changed_at: at, detail } : { ...state, detail }
    case 'clearing':
      return { ...state, phase: 'firing', changed_at: at, detail }
    case 'firing':
      return { ...state, detail }
  }
}

function whileGone(rule: AlertRule, state: AlertState, hasHeld: boolean, at: number): AlertState {
  switch (state.phase) {
    case 'ok':
      return state
    case 'pending':
      return okSince(at)
    case 'firing':
      return rule.hold_s === 0 ? okSince(at) : { ...state, phase: 'clearing', changed_at: at }
    case 'clearing':
      return hasHeld ? okSince(at) : state
  }
}

function noticeOf(
  rule: AlertRule,
  before: AlertState,
  after: AlertState,
  at: number,
): AlertNotice | undefined {
  if (isFiring(before) === isFiring(after)) return undefined
  return isFiring(after)
    ? { rule, state: 'firing', at, since: after.since, detail: after.detail }
    : { rule, state: 'resolved', at, since: before.since, detail: before.detail }
}

function findingOf(rule: AlertRule, input: AlertInput): Finding {
  if (rule.kind === 'ledger') return ledgerFinding(input)
  const signal = input.signals[rule.signal]
  if (!signal) return undefined
  switch (rule.kind) {
    case 'threshold':
      return {
        holds: rule.is === 'above' ? signal.value > rule.bound : signal.value < rule.bound,
        detail: `${rule.signal} is ${round(signal.value)}, ${rule.is} ${rule.bound}`,
      }
    case 'change':
      return changeFinding(rule, signal)
    case 'no_data':
      return noDataFinding(rule, signal, input.at)
  }
}

/** A ledger that could not be counted to its end says nothing. */
function ledgerFinding({ ledger }: AlertInput): Finding {
  if (!ledger?.complete) return undefined
  return { holds: !ledger.balanced, detail: ledger.imbalances[0] ?? 'the ledger balances' }
}

function changeFinding(rule: AlertRule & { kind: 'change' }, signal: Signal): Finding {
  const { value, previous } = signal
  if (previous === undefined) return undefined
  const change = rule.is === 'drop' ? previous - value : value - previous
  return {
    holds: previous >= rule.at_least && change > previous * rule.share,
    detail: `${rule.signal}: ${round(value)} after ${round(previous)}`,
  }
}

function noDataFinding(rule: AlertRule & { kind: 'no_data' }, signal: Signal, at: number): Finding {
  // A shop that has never sent anything has nothing to miss.
  if (signal.last_at === undefined) return undefined
  const minutes = (at - signal.last_at) / 60_000
  return {
    holds: minutes >= rule.minutes,
    detail: `${rule.signal}: nothing for ${Math.floor(minutes)} minutes`,
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
