import type { Customer } from './people.ts'

/** One line of an order. Money in ten-thousandths. */
export interface Line {
  readonly index: number
  readonly quantity: number
  readonly price: number
  readonly discount: number
}

/** An order while the shop still has to do with it. Money in ten-thousandths. */
export interface Order {
  readonly order_id: string
  readonly customer: Customer | undefined
  readonly lines: readonly Line[]
  /** Price times quantity of all lines. */
  readonly gross: number
  /** Of lines and of the whole order. */
  readonly discounts: number
  /** Of the whole order alone. */
  readonly coupon_discount: number
  readonly total: number
  readonly payment_method: string
}

const CENT = 100

/** Rounds ten-thousandths to whole hundredths. */
export function toCents(units: number): number {
  return Math.round(units / CENT) * CENT
}
