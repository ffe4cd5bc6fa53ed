import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CostInput, DEFAULT_COST_INPUT, estimateCost } from './cost.ts'
import packing from './packing.json' with { type: 'json' }

const at = (events_per_s: number, parts: Partial<CostInput> = {}) =>
  estimateCost({ ...DEFAULT_COST_INPUT, events_per_s, ...parts })

const line = (estimate: ReturnType<typeof at>, service: string) =>
  estimate.lines.find((one) => one.service === service)!.usd_per_month

describe('the bill', () => {
  it('is the sum of its lines, by the month and by the million', () => {
    const estimate = at(100)
    const sum = estimate.lines.reduce((total, one) => total + one.usd_per_month, 0)
    expect(estimate.usd_per_month).toBeCloseTo(sum, 9)
    expect(estimate.events_per_month).toBe(262_800_000)
    expect(estimate.usd_per_million).toBeCloseTo(sum / 262.8, 9)
  })

  it('counts requests and shards by hand', () => {
    // 262.8 million events, 20 a request: 13.14 million requests at $3.50 a million.
    expect(line(at(100), 'API Gateway')).toBeCloseTo(45.99, 2)
    // 73 kB/s, three times that at peak: one shard, and 0.579 PUT units an event.
    expect(line(at(100), 'Kinesis')).toBeCloseTo(730 * 0.015 + 262.8 * 0.579 * 0.014, 2)
    // 1.314 billion requests: 333 million at 3.50, 667 at 2.80, the rest at 2.38.
    expect(line(at(10_000), 'API Gateway')).toBeCloseTo(333 * 3.5 + 667 * 2.8 + 314 * 2.38, 0)
  })

  it('pays for capacity that is held ready by the hour', () => {
    const parts = { store: 'provisioned' } as const
    const units = (kind: 'store_write_units' | 'store_read_units') =>
      packing.by_rate.find(({ events_per_s }) => events_per_s === 100)![kind] * 100
    // 70 % of what is held ready is used; what is kept costs the same either way.
    const ready = 730 * (units('store_write_units') * 0.00065 + units('store_read_units') * 0.00013)
    const spent =
      262.8 * (units('store_write_units') * 0.00625 + units('store_read_units') * 0.00125)
    const saved = line(at(100), 'DynamoDB') - line(at(100, parts), 'DynamoDB')
    expect(saved).toBeCloseTo(spent - ready / 0.7, 2)
  })

  it('falls with events a request, and never with events a second or days kept', () => {
    const rate = fc.integer({ min: 1, max: 20_000 })
    fc.assert(
      fc.property(rate, rate, fc.integer({ min: 1, max: 2500 }), (a, b, events_per_request) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)]
        const parts = { events_per_request }
        const more = at(low, { events_per_request: events_per_request + 1 })
        expect(more.usd_per_month).toBeLessThanOrEqual(at(low, parts).usd_per_month + 1e-9)
        const longer = at(low, { ...parts, retention_days: 730 })
        expect(longer.usd_per_month).toBeGreaterThan(at(low, parts).usd_per_month)
        for (const { service } of at(low).lines) {
          if (service === 'DynamoDB' || service === 'Lambda, consumers') continue
          expect(line(at(high, parts), service)).toBeGreaterThanOrEqual(
            line(at(low, parts), service) - 1e-9,
          )
        }
      }),
    )
  })

  it('stands beside what others publish for the same load, and no other', () => {
    expect(at(100).published.map(({ usd_per_million }) => usd_per_million)).toEqual([
      ...[0.278, 0.355, 0.7],
    ])
    expect(at(10_000).published).toHaveLength(1)
    expect(at(77).published).toEqual([])
  })
})
