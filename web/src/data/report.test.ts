import { expect, test } from 'vitest'
import { queryOf } from './report.ts'
import type { ReportInfo } from './report-types.ts'

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
