import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { METRICS } from '../metrics.ts'
import type { LedgerDelta } from '../ports.ts'
import { ALERT_RULES, type AlertRule, SIGNALS, type SignalName } from './alert-rules.ts'
import { alertSignals } from './alert-signals.ts'
import {
  type AlertInput,
  type AlertNotice,
  type AlertStates,
  evaluateAlerts,
  isFiring,
} from './alerts.ts'
import { HEALTHY } from './testing/healthy.ts'

const AT = Date.UTC(2025, 0, 15, 12)
const base = { severity: 'warning', summary: 'Something.' } as const
const above: AlertRule = {
  ...base,
  name: 'above',
  hold_s: 60,
  kind: 'threshold',
  signal: 'lake_lag_s',
  is: 'above',
  bound: 10,
}

describe('alert rules', () => {
  test('each looks at a signal that exists, has its own name, and says what is wrong', () => {
    expect(new Set(ALERT_RULES.map((rule) => rule.name)).size).toBe(ALERT_RULES.length)
    for (const rule of ALERT_RULES) {
      expect(rule.name).toMatch(/^[a-z_]+$/)
      expect(rule.summary).toMatch(/^[A-Z].*[.?]$/)
      if (rule.kind !== 'ledger') expect(SIGNALS[rule.signal]).toBeDefined()
    }
    expect(METRICS.shoplake_alerts_firing.labels).toEqual(['rule'])
  })

  test('nothing fires in a healthy shop', () => {
    const ledger = minutes(120, (minute) => [
      { event_type: 'page_view', minute, counts: { accepted: 40, applied: 40, in_lake: 40 } },
      { event_type: 'order_created', minute, counts: { accepted: 2, rejected: 1 } },
    ])
    const input: AlertInput = {
      at: AT,
      signals: alertSignals({ at: AT, ledger, parts: HEALTHY }),
      ledger: { balanced: true, complete: true, imbalances: [] },
    }
    expect(Object.keys(input.signals).sort()).toEqual(Object.keys(SIGNALS).sort())
    const { notices } = runFor(ALERT_RULES, input, 1200)
    expect(notices).toEqual([])
  })
})

describe('alert states', () => {
  test('a clock that is set back by days holds no alert up', () => {
    const day_s = 86_400
    expect(
      timeline(above, [
        [0, 20],
        [-3 * day_s, 20],
        [-3 * day_s + 59, 20],
        [-3 * day_s + 60, 20],
        [-9 * day_s, 0],
        [-9 * day_s + 60, 0],
      ]).map(({ state, after }) => `${state} ${after}`),
    ).toEqual([`firing ${-3 * day_s + 60}`, `resolved ${-9 * day_s + 60}`])
  })

  test('fires only when the condition has held, and resolves only when it has been gone as long', () => {
    const told = timeline(above, [
      [0, 20],
      [59, 20],
      [60, 20],
      [90, 5],
      [120, 20],
      [150, 5],
      [209, 5],
      [210, 5],
      [300, 5],
    ])
    expect(told).toEqual([
      { after: 60, state: 'firing', since: 0 },
      { after: 210, state: 'resolved', since: 0 },
    ])
  })

  test('a short rise is never told', () => {
    expect(
      timeline(above, [
        [0, 20],
        [30, 20],
        [59, 5],
        [60, 20],
        [119, 20],
        [119.5, 1],
      ]),
    ).toEqual([])
  })

  test('without a holding time it fires and resolves at once', () => {
    expect(
      timeline({ ...above, hold_s: 0 }, [
        [0, 20],
        [1, 5],
      ]).map((told) => told.state),
    ).toEqual(['firing', 'resolved'])
  })

  test('an unknown signal changes nothing', () => {
    const before = runFor([above], inputOf(AT, { lake_lag_s: { value: 99 } }), 120).states
    expect(isFiring(before.get('above'))).toBe(true)
    const { states, notices } = evaluateAlerts([above], before, inputOf(AT + 1e6, {}))
    expect(states).toEqual(before)
    expect(notices).toEqual([])
  })

  test('whatever comes, firing and resolved alternate, beginning with firing', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(200), fc.nat(20)), { maxLength: 60 }), (steps) => {
        let after = 0
        const told = timeline(
          above,
          steps.map(([pause, value]) => {
            after += pause
            return [after, value] as const
          }),
        )
        told.forEach((notice, index) => {
          expect(notice.state).toBe(index % 2 === 0 ? 'firing' : 'resolved')
        })
      }),
    )
  })
})

describe('alert conditions', () => {
  const fires = (rule: AlertRule, input: AlertInput) =>
    runFor([rule], input, 1000).notices.map((notice) => notice.detail)

  test('change against the stretch before, not while that was too small to say anything', () => {
    const rule: AlertRule = {
      ...base,
      name: 'drop',
      hold_s: 0,
      kind: 'change',
      signal: 'orders',
      is: 'drop',
      share: 0.7,
      at_least: 20,
    }
    const at = (value: number, previous: number) =>
      fires(rule, inputOf(AT, { orders: { value, previous } })).length
    expect([at(29, 100), at(30, 100), at(0, 19), at(0, 20)]).toEqual([1, 0, 0, 1])
    const rise = { ...rule, is: 'rise' } as const
    expect(fires(rise, inputOf(AT, { orders: { value: 171, previous: 100 } }))).toEqual([
      'orders: 171 after 100',
    ])
    expect(fires(rise, inputOf(AT, { orders: { value: 170, previous: 100 } }))).toEqual([])
  })

  test('no data for minutes, not in a shop that never sent any', () => {
    const rule: AlertRule = {
      ...base,
      name: 'none',
      hold_s: 0,
      kind: 'no_data',
      signal: 'events',
      minutes: 30,
    }
    const last = (minutes: number) => ({ events: { value: 0, last_at: AT - minutes * 60_000 } })
    const input = (minutes: number) => ({ at: AT, signals: last(minutes) })
    expect(evaluateAlerts([rule], new Map(), input(29)).notices).toEqual([])
    expect(evaluateAlerts([rule], new Map(), input(30)).notices[0]?.detail).toBe(
      'events: nothing for 30 minutes',
    )
    expect(
      evaluateAlerts([rule], new Map(), inputOf(AT, { events: { value: 0 } })).notices,
    ).toEqual([])
  })

  test('a ledger out of balance names the first row; one not counted to its end says nothing', () => {
    const rule = ALERT_RULES.find((one) => one.kind === 'ledger')!
    const ledger = {
      balanced: false,
      complete: true,
      imbalances: ['web order_created: accepted 2'],
    }
    expect(fires(rule, { at: AT, signals: {}, ledger })).toEqual(['web order_created: accepted 2'])
    expect(fires(rule, { at: AT, signals: {}, ledger: { ...ledger, complete: false } })).toEqual([])
    expect(fires(rule, { at: AT, signals: {} })).toEqual([])
  })
})

describe('alert signals', () => {
  test('count whole minutes of the ledger, and compare with none of a burst', () => {
    const now = AT / 60_000
    const ledger: LedgerDelta[] = [
      row('order_created', now, { accepted: 100 }),
      row('order_created', now - 1, { accepted: 3 }),
      row('order_created', now - 60, { accepted: 4 }),
      ...Array.from({ length: 60 }, (_, back) =>
        row('order_created', now - 61 - back, { accepted: back < 5 ? 1000 : 2 }),
      ),
      row('page_view', now - 15, { accepted: 90, rejected: 10 }),
      row('unknown', now - 2, { rejected: 7 }),
      row('page_view', now, { not_encodable: 2 }),
    ]
    const signals = alertSignals({ at: AT + 30_000, ledger, parts: HEALTHY })
    expect(signals.orders).toEqual({ value: 7, previous: 110, last_at: AT + 60_000 })
    expect(signals.events).toMatchObject({ value: 93, previous: 0 })
    expect(signals.rejected_share?.value).toBeCloseTo(17 / 110)
    expect(signals.not_encodable?.value).toBe(2)
    const quiet = alertSignals({ at: AT, ledger: [], parts: { ...HEALTHY, lake_lag_s: undefined } })
    expect(quiet.rejected_share).toBeUndefined()
    expect(quiet.lake_lag_s).toBeUndefined()
    expect(quiet.events).toEqual({ value: 0, previous: 0 })
  })
})

function inputOf(at: number, signals: AlertInput['signals']): AlertInput {
  return { at, signals }
}

/** Evaluates the same input every 15 seconds for so long. */
function runFor(rules: readonly AlertRule[], input: AlertInput, seconds: number) {
  let states: AlertStates = new Map()
  const notices: AlertNotice[] = []
  for (let after = 0; after <= seconds; after += 15) {
    const result = evaluateAlerts(rules, states, { ...input, at: input.at + after * 1000 })
    states = result.states
    notices.push(...result.notices)
  }
  return { states, notices }
}

/** What is told of one rule when its signal has these values at these seconds. */
function timeline(
  rule: AlertRule & { signal: SignalName },
  steps: readonly (readonly [number, number])[],
) {
  let states: AlertStates = new Map()
  return steps.flatMap(([after, value]) => {
    const result = evaluateAlerts(
      [rule],
      states,
      inputOf(AT + after * 1000, { [rule.signal]: { value } }),
    )
    states = result.states
    return result.notices.map((notice) => ({
      after,
      state: notice.state,
      since: (notice.since - AT) / 1000,
    }))
  })
}

function minutes(
  count: number,
  of: (minute: number) => Omit<LedgerDelta, 'source'>[],
): LedgerDelta[] {
  return Array.from({ length: count }, (_, back) => of(AT / 60_000 - back))
    .flat()
    .map((delta) => ({ source: 'web', ...delta }))
}

function row(
  event_type: LedgerDelta['event_type'],
  minute: number,
  counts: LedgerDelta['counts'],
): LedgerDelta {
  return { source: 'web', event_type, minute, counts }
}
