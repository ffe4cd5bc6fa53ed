import type { Order } from './latest-orders.tsx'

/** By the wire's rule a number below 10^11, else decimal text. */
export type Money = number | string

export interface Sold {
  readonly orders: number
  readonly sales: Money
}

export interface Hour extends Sold {
  /** 0 to 23 on the shop's clock. */
  readonly hour: number
  readonly yesterday: Sold
}

export interface Minute {
  /** `2025-01-15T10:30`, UTC. */
  readonly minute: string
  readonly page_views: number
  readonly product_views: number
  readonly orders: number
}

/** GET /v1/live. */
export interface Live {
  readonly at: string
  readonly visitors: number
  readonly open_carts: number
  readonly open_cart_value: Money
  readonly currency: string
  readonly today: Sold & { readonly date: string }
  readonly yesterday: Sold & { readonly date: string }
  readonly hours: readonly Hour[]
  readonly minutes: readonly Minute[]
  readonly latest_orders: readonly Order[]
}
