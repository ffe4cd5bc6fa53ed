import { describe, expect, it } from 'vitest'
import { type MetricLike, percentileMs, pointBetween, sampleOf } from './pipeline-point.ts'

const LAGS = { store_lag_records: 3, lake_lag_records: 5 }

function metricsOf(accepted: number, fast: number, slow: number): MetricLike[] {
  const bucket = (le: string, value: number, route = '/v1/events') => ({
    value,
    labels: { le, route },
    metricName: 'shoplake_request_seconds_bucket',
  })
  return [
    {
      name: 'shoplake_events_total',
      values: [
        { value: accepted, labels: { verdict: 'accepted' } },
        { value: 2, labels: { verdict: 'rejected', reason: 'too_large' } },
        { value: 1, labels: { verdict: 'rejected', reason: 'invalid_field' } },
      ],
    },
    {
      name: 'shoplake_request_seconds',
      values: [
        bucket('0.01', fast),
        bucket('0.1', fast + slow),
        bucket('+Inf', fast + slow),
        bucket('0.01', 1000, '/v1/live'),
        bucket('+Inf', 1000, '/v1/live'),
      ],
    },
  ]
}

describe('a point of the pipeline', () => {
  it('is what grew between two samples, with percentiles of what was observed within', () => {
    const before = sampleOf(0, metricsOf(100, 50, 0), LAGS)
    const after = sampleOf(10_000, metricsOf(350, 140, 10), LAGS)
    const point = pointBetween(before, after)
    expect(point).toMatchObject({ seconds: 10, accepted: 250, rejected: 0, ...LAGS })
    // 90 of 100 took up to 10 ms: the median is in the middle of what they fill, the 95th half way on to 100 ms.
    expect(point.accept_p50_ms).toBeCloseTo((10 * 50) / 90)
    expect(point.accept_p95_ms).toBeCloseTo(10 + 90 * 0.5)
    expect(point.sql_p95_ms).toBeNull()
  })

  it('counts a process that began anew from nothing', () => {
    const before = sampleOf(0, metricsOf(100, 50, 0), LAGS)
    const after = sampleOf(10_000, metricsOf(7, 1, 0), LAGS)
    expect(pointBetween(before, after)).toMatchObject({ accepted: 7 })
  })
})

describe('a percentile', () => {
  it('is null of nothing, and the highest bound beyond it', () => {
    expect(percentileMs(new Map(), 0.5)).toBeNull()
    const beyond = new Map([
      [0.01, 0],
      [Number.POSITIVE_INFINITY, 4],
    ])
    expect(percentileMs(beyond, 0.5)).toBe(10)
  })
})
