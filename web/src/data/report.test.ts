import { expect, test } from 'vitest'
import { mostRows, queryOf, searchOf } from './report.ts'
import { isCut, type ReportInfo } from './report-types.ts'

const VIEW = {
  from: '2025-03-01',
  to: '2025-03-31',
  period: undefined,
  compare: true,
  filters: { category: 'tea' },
  today: '2025-03-12',
}

test('days to come are asked for, but nothing is told of as it will be, and nothing is compared', () => {
  const query = queryOf(infoOf(['from', 'to', 'as_of']), VIEW, {}, true)
  expect(query).toBe('from=2025-03-01&to=2025-03-31&as_of=2025-03-12')
  const whole = queryOf(infoOf(['from']), { ...VIEW, to: '2025-03-11' }, {}, true)
  expect(whole).toBe('from=2025-03-01&compare=previous')
})

test('every row that a report gives is asked for by the end of its range, and as many rows may be cut', () => {
  const range = [1, 5000] as const
  const limited = { name: 'limit', type: 'count', range, description: 'How many.' } as const
  expect(mostRows({ ...infoOf([]), parameters: [limited] })).toEqual({ limit: 5000 })
  expect(mostRows(infoOf(['from']))).toEqual({})
  const answer = { columns: [], elapsed_ms: 1, scanned_bytes: null, rows: [[1], [2]] }
  expect(isCut({ ...answer, values: { limit: 2 }, truncated: false })).toBe(true)
  expect(isCut({ ...answer, values: { limit: 3 }, truncated: false })).toBe(false)
  expect(isCut({ ...answer, values: {}, truncated: true })).toBe(true)
})

test('what takes a filter of the view away is no text in an address', () => {
  const params = { product_id: 'p-1', limit: 5, category: undefined }
  expect(searchOf(params)).toStrictEqual({ product_id: 'p-1', limit: '5', category: undefined })
  const info = infoOf(['category', 'limit'])
  expect(queryOf(info, VIEW, params, false)).toBe('limit=5')
  expect(queryOf(info, VIEW, {}, false)).toBe('category=tea')
})

function infoOf(parameters: readonly string[]): ReportInfo {
  return {
    name: 'sales_overview',
    title: 'Sales',
    question: 'How much?',
    group: 'sales',
    parameters: parameters.map((name) => ({ name, type: 'date', description: name })),
    columns: [{ name: 'orders', unit: 'count', label: 'Orders' }],
    chart: { kind: 'tiles', y: ['orders'] },
  }
}
