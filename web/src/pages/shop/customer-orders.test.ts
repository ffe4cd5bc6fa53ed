import { expect, test } from 'vitest'
import type { Api } from '../../data/api.ts'
import { readAllOrders } from './customer-orders.ts'

test('a copy of what is kept of a customer holds the orders of every page', async () => {
  const asked: (string | null)[] = []
  const pages = [
    { items: [{ order_id: 'c' }], next_cursor: 'k/2' },
    // A page may end early, with nothing on it that is theirs.
    { items: [], next_cursor: 'k/1' },
    { items: [{ order_id: 'a' }], next_cursor: null },
  ]
  const read = async (path: string) => {
    const { searchParams } = new URL(path, 'http://shop')
    expect(searchParams.get('customer_id')).toBe('c & d')
    asked.push(searchParams.get('cursor'))
    return pages[asked.length - 1]
  }
  const orders = await readAllOrders({ read } as unknown as Api, 'c & d')
  expect(orders.map(({ order_id }) => order_id)).toEqual(['c', 'a'])
  expect(asked).toEqual([null, 'k/2', 'k/1'])
})
