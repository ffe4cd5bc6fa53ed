import { describe, expect, test } from 'vitest'
import { type HealthParts, healthOf } from './health.ts'
import { HEALTHY } from './testing/healthy.ts'

describe('health', () => {
  test('a healthy server is ready, and every part says something', () => {
    const health = healthOf(HEALTHY)
    expect(health.ready).toBe(true)
    expect(health.checks.map((check) => [check.name, check.ok])).toEqual([
      ['stream', true],
      ['disk', true],
      ['store', true],
      ['lake', true],
    ])
    expect(health.checks.every((check) => check.detail.length > 5)).toBe(true)
  })

  test.each<[string, Partial<HealthParts>, string, boolean]>([
    [
      'a stream that cannot be written',
      { stream: { ok: false, detail: 'no space' } },
      'stream',
      false,
    ],
    ['a disk at its reserve', { disk_free_bytes: 500_000_000 }, 'disk', false],
    ['a store updater that is stuck', { store_idle_s: 31, store_lag_records: 9 }, 'store', true],
    ['a lake process that is down', { lake_up: false }, 'lake', true],
    ['SQL that is far behind', { lake_lag_s: 121 }, 'lake', true],
  ])(
    '%s fails its check, and stops the server only where events are refused',
    (_, change, name, ready) => {
      const health = healthOf({ ...HEALTHY, ...change })
      expect(health.ready).toBe(ready)
      expect(health.checks.filter((check) => !check.ok).map((check) => check.name)).toEqual([name])
    },
  )
})
