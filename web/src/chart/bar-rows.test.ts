import { expect, test } from 'vitest'
import type { ReportAnswer } from '../data/report-types.ts'
import { barRowsOf } from './bar-rows.ts'

const CHART = { kind: 'bar', x: 'reason', y: ['amount'] } as const

test('rows of the same name are told apart, and each meets its own before', () => {
  const answer = answerOf(
    [
      ['refund', 'damaged', '5'],
      ['cancellation', 'damaged', '9'],
      ['refund', 'late', '1'],
    ],
    [
      ['cancellation', 'damaged', '4'],
      ['refund', 'damaged', '3'],
    ],
  )
  const bars = barRowsOf(answer, CHART, 3)
  expect(bars.map(({ label }) => label)).toEqual([
    'Damaged, Cancellation',
    'Damaged, Refund',
    'Late',
  ])
  expect(bars.map(({ before }) => before?.amount)).toEqual(['4', '3', undefined])
  expect(barRowsOf(answer, CHART, 1).map(({ label }) => label)).toEqual(['Damaged'])
})

test('what stands but once meets its before, also where another text of it changed', () => {
  const answer = answerOf([['refund', 'damaged', '5']], [['return', 'damaged', '3']])
  expect(barRowsOf(answer, CHART, 3)[0]!.before?.amount).toBe('3')
})

type Rows = readonly (readonly string[])[]

function answerOf(rows: Rows, before: Rows): ReportAnswer {
  const rest = {
    columns: [
      { name: 'kind', unit: 'text', label: 'Kind' },
      { name: 'reason', unit: 'text', label: 'Reason' },
      { name: 'amount', unit: 'money', label: 'Amount' },
    ],
    values: {},
    truncated: false,
    elapsed_ms: 1,
    scanned_bytes: null,
  } as const
  const report = { name: 'r', title: 'R', question: '', group: 'g', parameters: [], ...rest }
  return {
    ...rest,
    report: { ...report, chart: CHART },
    rows,
    sql: '',
    params: [],
    before: { ...rest, rows: before },
  }
}
