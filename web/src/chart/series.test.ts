import { expect, test } from 'vitest'
import type { ReportAnswer, Unit } from '../data/report-types.ts'
import { timeSeriesOf } from './series.ts'

const TODAY = { day: '2025-03-12', hour: '2025-03-12 10:00' }

test('a place stands beside the one as many days before as the stretches are apart, not beside the one in its row', () => {
  const now = [
    ['2025-03-08', 5],
    ['2025-03-10', 6],
    ['2025-03-11', 7],
  ] as const
  const before = [
    ['2025-03-01', 1],
    ['2025-03-02', 2],
    ['2025-03-04', 4],
  ] as const
  expect(seriesOf(now, before).before).toEqual([1, undefined, 4])
  expect(seriesOf(now, [['2025-03-02', 2]]).before).toBeUndefined()
  expect(seriesOf([['2025-03-08 09:00', 5]], [['2025-03-01 09:00', 1]], 'hour').before).toEqual([1])
})

test('the length of a place is the shortest step, for some may be missing', () => {
  const gap = [
    ['2025-03-01', 1],
    ['2025-03-08', 2],
    ['2025-03-09', 3],
  ] as const
  expect(seriesOf(gap).grain).toBe('day')
  expect(seriesOf(gap.slice(0, 2)).grain).toBe('week')
  expect(seriesOf(gap.slice(0, 2), undefined, 'date', 'day').grain).toBe('day')
  expect(seriesOf([['2025-03-01', 1]]).grain).toBe('day')
  expect(seriesOf([['2025-03-12 00:00', 1]], undefined, 'hour').grain).toBe('hour')
})

type Points = readonly (readonly [start: string, value: number])[]

function seriesOf(now: Points, before?: Points, unit: Unit = 'date', x = 'period') {
  const rest = {
    columns: [
      { name: x, unit, label: 'When' },
      { name: 'orders', unit: 'count', label: 'Orders' },
    ],
    truncated: false,
    elapsed_ms: 1,
    scanned_bytes: null,
  } as const
  const chart = { kind: 'line', x, y: ['orders'] } as const
  const answer: ReportAnswer = {
    ...rest,
    report: { name: 'r', title: 'R', question: '', group: 'g', parameters: [], ...rest, chart },
    values: { from: '2025-03-08', to: '2025-03-11' },
    rows: now,
    sql: '',
    params: [],
    ...(before && { before: { ...rest, values: { from: '2025-03-01' }, rows: before } }),
  }
  return timeSeriesOf(answer, chart, TODAY)
}
