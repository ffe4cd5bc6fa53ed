import type { Api } from '../../data/api.ts'
import type { OrderPage } from './customer-types.ts'
import type { OrderDocument } from './order-types.ts'

const PAGE_SIZE = 500

/** A page of a customer's orders, the latest first: that behind a cursor, else the first. */
export function readOrders(
  api: Api,
  id: string,
  cursor?: string,
  signal?: AbortSignal,
): Promise<OrderPage> {
  const behind = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`
  const path = `/v1/orders?customer_id=${encodeURIComponent(id)}&limit=${PAGE_SIZE}${behind}`
  return api.read<OrderPage>(path, signal ? { signal } : {})
}

/** Every order of a customer. */
export async function readAllOrders(api: Api, id: string): Promise<OrderDocument[]> {
  const orders: OrderDocument[] = []
  let cursor: string | null | undefined
  while (cursor !== null) {
    const page: OrderPage = await readOrders(api, id, cursor)
    orders.push(...page.items)
    cursor = page.next_cursor
  }
  return orders
}
