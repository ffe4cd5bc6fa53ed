import { formatMoney, parseSum } from '../schema/money.ts'
import { fractionOf } from './enrich-fx.ts'

/** Ten-thousandths of canonical money text, an amount or a sum of any size; absent is 0. Throws a plain Error on text that is not money. */
export function amountOf(text: unknown): bigint {
  if (text === undefined || text === null) return 0n
  const amount = parseSum(text)
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
  const quotient = (high * 2n + low) / (low * 2n)
  return negative ? -quotient : quotient
}

/** The amount in the shop's currency: exact, then rounded half away from zero to a ten-thousandth, as the door does it. */
export function convert(amount: bigint, rate: number): bigint {
  if (rate === 1) return amount
  const { numerator, denominator } = fractionOf(rate)
  return divide(amount * numerator, denominator)
}
