import type { Money } from '../../live/live.ts'
import type { OrderDocument } from './order-types.ts'

/** GET /v1/customers/{id}. */
export interface CustomerDocument {
  readonly customer_id: string
  readonly first_seen_at?: string
  readonly last_seen_at?: string
  readonly orders?: number
  readonly cancelled_orders?: number
  readonly order_value?: Money
  readonly refunded_value?: Money
  readonly spend?: Money
  readonly average_order_value?: Money
  readonly name?: string
  readonly country?: string
  readonly city?: string
  readonly segment?: string
  readonly marketing_consent?: boolean
  readonly first_order_at?: string
  readonly last_order_at?: string
  readonly anonymous_ids?: readonly string[]
}

export interface OrderPage {
  readonly items: readonly OrderDocument[]
  readonly next_cursor: string | null
}

/** What an erase has reached so far. */
export interface Receipt {
  readonly erasure_id: string
  readonly customer_id: string
  readonly state: 'pending' | 'done'
  readonly places: readonly {
    readonly place: string
    readonly state: 'done' | 'pending' | 'expires'
    readonly expires_at?: string
  }[]
}
