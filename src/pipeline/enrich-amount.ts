import { fitsMoney, parseMoney } from '../schema/money.ts'
import type { ValidEvent } from './validate.ts'

const CENT = 100n
const HALF_CENT = 50n

/**
 * The product of the fields that make up an event's amount, in ten-thousandths; undefined where one of them is absent or
 * the product does not fit into money's 14 digits. The first field is money, others are whole numbers.
 */
export function amountOf(names: readonly string[], event: ValidEvent): bigint | undefined {
  let units: bigint | undefined
  for (const name of names) {
    const value = event[name]
    if (value === undefined || value === null) return undefined
    units = units === undefined ? parseMoney(value)! : units * BigInt(value as number)
  }
  return units !== undefined && fitsMoney(units) ? units : undefined
}

interface Line {
  readonly price: number | string
  readonly quantity: number
  readonly discount?: number | string | null
}

/**
 * Whether the lines of an order fail to add up to its total: lines less line discounts less the order's discount, with or
 * without shipping and tax, since shops count these within the total or on top. Half a cent per line may be rounded away,
 * a cent always. Undefined without lines or total.
 */
export function amountMismatch(event: ValidEvent): boolean | undefined {
  const lines = event.items as readonly Line[] | null | undefined
  if (!lines || lines.length === 0 || isAbsent(event.total_amount)) return undefined
  let units = -moneyIn(event, 'discount_amount')
  for (const line of lines) {
    units += parseMoney(line.price)! * BigInt(line.quantity)
    if (!isAbsent(line.discount)) units -= parseMoney(line.discount)!
  }
  const gap = moneyIn(event, 'total_amount') - units
  const shipping = moneyIn(event, 'shipping_amount')
  const tax = moneyIn(event, 'tax_amount')
  const rounding = HALF_CENT * BigInt(lines.length)
  const tolerance = rounding > CENT ? rounding : CENT
  return [0n, shipping, tax, shipping + tax].every((part) => distance(gap, part) > tolerance)
}

function moneyIn(event: ValidEvent, name: string): bigint {
  return isAbsent(event[name]) ? 0n : parseMoney(event[name])!
}

/** Not said: left out, or null. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null
}

function distance(a: bigint, b: bigint): bigint {
  return a < b ? b - a : a - b
}
