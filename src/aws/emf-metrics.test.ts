import { expect, test } from 'vitest'
import { createEmfMetrics } from './emf-metrics.ts'

function gather() {
  const lines: string[] = []
  const metrics = createEmfMetrics({
    namespace: 'shoplake',
    now: () => 1_736_937_001_000,
    write: (line) => lines.push(line),
  })
  const flushed = () => {
    metrics.flush()
    return lines.splice(0).map((line) => JSON.parse(line))
  }
  return { metrics, flushed }
}

test('one line per metric and dimension, in the embedded metric format', () => {
  const { metrics, flushed } = gather()
  metrics.add('shoplake_events_total', 3, { verdict: 'accepted', reason: '' })
  metrics.add('shoplake_events_total', 2, { verdict: 'accepted', reason: '' })
  metrics.add('shoplake_events_total', 1, { verdict: 'rejected', reason: 'too_large' })
  expect(flushed()).toEqual([
    {
      _aws: {
        Timestamp: 1_736_937_001_000,
        CloudWatchMetrics: [
          {
            Namespace: 'shoplake',
            Dimensions: [['verdict']],
            Metrics: [{ Name: 'shoplake_events_total', Unit: 'Count' }],
          },
        ],
      },
      verdict: 'accepted',
      shoplake_events_total: 5,
    },
    expect.objectContaining({ verdict: 'rejected', shoplake_events_total: 1 }),
  ])
  expect(flushed()).toEqual([])
})

test('labels with many values are summed over, so that no metric is paid for per route', () => {
  const { metrics, flushed } = gather()
  for (const route of ['/a', '/b'])
    metrics.add('shoplake_requests_total', 1, { route, status: '202' })
  expect(flushed()).toEqual([expect.objectContaining({ shoplake_requests_total: 2 })])
})

test('a gauge keeps its last value, observations are all there, at most 100 a line', () => {
  const { metrics, flushed } = gather()
  metrics.set('shoplake_consumer_lag_records', 9, { consumer: 'store' })
  metrics.set('shoplake_consumer_lag_records', 4, { consumer: 'store' })
  for (let index = 0; index < 150; index++) metrics.observe('shoplake_sql_seconds', index)
  const [gauge, ...observed] = flushed()
  expect(gauge).toMatchObject({ consumer: 'store', shoplake_consumer_lag_records: 4 })
  expect(observed.map((line) => line.shoplake_sql_seconds.length)).toEqual([100, 50])
  expect(observed[0]._aws.CloudWatchMetrics[0].Metrics[0].Unit).toBe('Seconds')
})
