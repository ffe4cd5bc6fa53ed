import type { Money } from '../../live/live.ts'

export interface OrderItem {
  readonly product_id: string
  readonly name?: string
  readonly variant?: string
  readonly quantity: number
  readonly price?: Money
}

export interface TimelineEntry {
  readonly event_type: string
  readonly event_id: string
  readonly occurred_at: string
  readonly source: string
}

/** GET /v1/orders/{id}, as far as its page shows it. */
export interface OrderDocument {
  readonly order_id: string
  readonly status: string
  readonly currency: string
  readonly items: readonly OrderItem[]
  readonly timeline: readonly TimelineEntry[]
  readonly customer_id?: string
  readonly payment_method?: string
  readonly coupon?: string
  readonly shipping_address?: {
    readonly name?: string
    readonly city?: string
    readonly country?: string
  }
  readonly total_amount?: Money
  readonly discount_amount?: Money
  readonly shipping_amount?: Money
  readonly tax_amount?: Money
  readonly paid_amount?: Money
  readonly refunded_amount?: Money
  readonly amount_mismatch?: boolean
  readonly created_at?: string
}
