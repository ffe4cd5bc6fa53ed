import { expect, it } from 'vitest'
import { reportsOver } from './trace.ts'

it('knows which reports read a type, by whatever models', () => {
  const models = [
    { name: 'orders', reads: ['order_facts'] },
    { name: 'order_facts', reads: ['order_created', 'orders'] },
    { name: 'visits', reads: ['page_view'] },
  ]
  const reports = [
    { name: 'sales', models: ['orders'] },
    { name: 'visitors', models: ['visits'] },
    { name: 'quality', models: ['events'] },
  ]
  expect(reportsOver('order_created', reports, models)).toEqual(['sales', 'quality'])
  expect(reportsOver('page_view', reports, models)).toEqual(['visitors', 'quality'])
})
