import type { OrderDocument, OrderLine } from './documents.ts'
import { countedRefunds } from './project-order-status.ts'

/**
 * What an order gives to other documents. When an order changes, what it gave is taken back and what it gives now is
 * added, so that repeated, late and out-of-order events never count twice.
 */
export interface OrderEffect {
  readonly order_id: string
  /** Whether an order_created has come: only then is it an order to others. */
  readonly placed: boolean
  readonly cancelled: boolean
  readonly created_at: string
  readonly customer_id: string | undefined
  readonly session_id: string | undefined
  readonly shop_value: string | undefined
  readonly refunded_value: string
  readonly fx_rate: number | undefined
  readonly currency: string
  readonly items: readonly OrderLine[]
  readonly returned: ReadonlyMap<string, number>
}

/** The effect of the order as it stands now. Holds no reference to what a later merge changes in place. */
export function effectOf(order: OrderDocument): OrderEffect {
  return {
    order_id: order.order_id,
    placed: order.merge.created !== undefined,
    cancelled: order.cancelled_at !== undefined,
    created_at: order.created_at ?? '',
    customer_id: order.customer_id,
    session_id: order.session_id,
    shop_value: order.shop_value,
    refunded_value: order.refunded_value,
    fx_rate: order.fx_rate,
    currency: order.currency,
    items: order.items,
    returned: unitsReturned(order),
  }
}

function unitsReturned(order: OrderDocument): ReadonlyMap<string, number> {
  const units = new Map<string, number>()
  for (const refund of countedRefunds(order)) {
    for (const [product_id, count] of Object.entries(refund.units ?? {})) {
      units.set(product_id, (units.get(product_id) ?? 0) + count)
    }
  }
  return units
}
