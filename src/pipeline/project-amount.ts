import { formatMoney, parseMoney } from '../schema/money.ts'

const RATE_SCALE = 1_000_000_000

/** Ten-thousandths of canonical money text; absent is 0. Throws a plain Error on text that is not money. */
export function amountOf(text: unknown): bigint {
  if (text === undefined || text === null) return 0n
  const amount = parseMoney(text)
  if (amount === undefined) throw new Error('not an amount of money')
  return amount
}

/** `text` and `amount` added, as canonical text. */
export function plus(text: string, amount: bigint): string {
  return amount === 0n ? text : formatMoney(amountOf(text) + amount)
}

/** Quotient rounded half away from zero. */
export function divide(amount: bigint, by: bigint): bigint {
  const negative = amount < 0n !== by < 0n
  const [high, low] = [amount < 0n ? -amount : amount, by < 0n ? -by : by]
  const quotient = (high + low / 2n) / low
  return negative ? -quotient : quotient
}

/** The amount in the shop's currency, the rate taken to nine decimals, rounded half up to a ten-thousandth. */
export function convert(amount: bigint, rate: number): bigint {
  if (rate === 1) return amount
  return divide(amount * BigInt(Math.round(rate * RATE_SCALE)), BigInt(RATE_SCALE))
}
