import { describe, expect, it } from 'vitest'
import type { Key } from '../ports.ts'
import { createRateLimit, RateRefusal } from './rate.ts'

const DEFAULTS = { rate_events_per_s: 10, rate_burst_events: 90 }

function keyOf(name: string, traits: Partial<Key> = {}): Key {
  return { name, kind: 'server', scopes: ['write'], origins: [], ...traits }
}

describe('createRateLimit', () => {
  it('counts events and refills with time, never beyond the whole', () => {
    let now = 1000
    const rate = createRateLimit(DEFAULTS, () => now)
    const key = keyOf('a')
    expect(rate.take(key)).toEqual({
      'ratelimit-policy': '"events";q=100;w=10',
      ratelimit: '"events";r=99;t=1',
    })
    expect(rate.charge(key, 49).ratelimit).toBe('"events";r=50;t=5')
    now += 1000
    expect(rate.charge(key, 0).ratelimit).toBe('"events";r=60;t=4')
    now += 60_000
    expect(rate.charge(key, 0).ratelimit).toBe('"events";r=100;t=0')
  })

  it('a clock that leaps gives no more than one burst, and one set back locks nobody out', () => {
    let now = 1_000_000_000
    const rate = createRateLimit(DEFAULTS, () => now)
    const key = keyOf('a')
    rate.charge(key, 100)
    now -= 900_000_000
    expect(rate.charge(key, 0).ratelimit).toBe('"events";r=0;t=10')
    now += 2000
    expect(rate.charge(key, 20).ratelimit).toBe('"events";r=0;t=10')
    now += 900_000_000
    expect(rate.charge(key, 100).ratelimit).toBe('"events";r=0;t=10')
  })

  it('a large request goes through and the next ones wait for it', () => {
    let now = 0
    const rate = createRateLimit(DEFAULTS, () => now)
    const key = keyOf('a')
    rate.take(key)
    rate.charge(key, 149)
    const refusal = refusalOf(() => rate.take(key))
    expect(refusal.code).toBe('rate_limited')
    expect(refusal.retryAfterS).toBe(6)
    expect(refusal.headers.ratelimit).toBe('"events";r=0;t=15')
    now += 5100
    expect(() => rate.take(key)).not.toThrow()
    expect(() => rate.take(key)).toThrow(RateRefusal)
  })

  it('keys do not share, and a key may have its own budget', () => {
    const rate = createRateLimit(DEFAULTS, () => 0)
    rate.charge(keyOf('a'), 500)
    expect(rate.take(keyOf('b')).ratelimit).toBe('"events";r=99;t=1')
    expect(rate.take(keyOf('c', { rate: 1, burst: 1 }))['ratelimit-policy']).toBe(
      '"events";q=2;w=2',
    )
  })

  it('a changed budget counts at once and is no fresh one', () => {
    const rate = createRateLimit(DEFAULTS, () => 0)
    rate.charge(keyOf('a'), 100)
    expect(() => rate.take(keyOf('a', { rate: 1000 }))).toThrow(RateRefusal)
  })

  it('a clock that jumps back gives nothing away', () => {
    let now = 1_000_000
    const rate = createRateLimit(DEFAULTS, () => now)
    rate.charge(keyOf('a'), 100)
    now = 0
    expect(() => rate.take(keyOf('a'))).toThrow(RateRefusal)
  })

  it('drops idle keys beyond its bound and keeps those in debt', () => {
    let now = 0
    const rate = createRateLimit(DEFAULTS, () => now, 3)
    rate.charge(keyOf('busy'), 1000)
    for (let index = 0; index < 50; index++) {
      rate.take(keyOf(`idle-${index}`))
      now += 1000
    }
    expect(() => rate.take(keyOf('busy'))).toThrow(RateRefusal)
  })
})

function refusalOf(work: () => unknown): RateRefusal {
  try {
    work()
  } catch (error) {
    if (error instanceof RateRefusal) return error
    throw error
  }
  throw new Error('nothing was refused')
}
