import { fitsMoney, formatMoney } from '../schema/money.ts'

/** The rate of one day: shop currency per unit. */
export interface FxRate {
  /** YYYY-MM-DD. */
  readonly date: string
  readonly rate: number
  /** The rate's own decimal digits as a fraction, so that conversion is exact. */
  readonly numerator: bigint
  readonly denominator: bigint
}

export interface FxRates {
  /** The latest rate of a day not after `date`; undefined where there is none. `currency` in upper case. */
  rateOn(currency: string, date: string): FxRate | undefined
}

export const NO_RATES: FxRates = { rateOn: () => undefined }

const DATE = /^\d{4}-\d\d-\d\d$/
const CURRENCY = /^[A-Z]{3}$/

/**
 * Reads {"EUR": [{"date": "2025-01-01", "rate": 1.04}]}, already parsed; order does not matter.
 * Returns problems, one sentence each, where it has another shape.
 */
export function readFxRates(raw: unknown): { rates: FxRates } | { problems: string[] } {
  const problems: string[] = []
  const table = new Map<string, FxRate[]>()
  if (!isObject(raw)) return { problems: ['the rates must be an object by currency'] }
  for (const [currency, days] of Object.entries(raw)) {
    if (!CURRENCY.test(currency) || !Array.isArray(days)) {
      problems.push(`"${currency}" must be an ISO 4217 code with a list of days`)
      continue
    }
    const rates = days.flatMap((day: unknown, index) => {
      const rate = readDay(day)
      if (!rate) problems.push(`${currency}[${index}] must be {"date": "YYYY-MM-DD", "rate": > 0}`)
      return rate ?? []
    })
    table.set(currency, rates.sort(byDate))
  }
  if (problems.length > 0) return { problems }
  return { rates: { rateOn: (currency, date) => latest(table.get(currency), date) } }
}

function readDay(day: unknown): FxRate | undefined {
  if (!isObject(day)) return undefined
  const { date, rate } = day
  if (typeof date !== 'string' || !DATE.test(date)) return undefined
  if (typeof rate !== 'number' || !(rate > 0 && rate < 1e15)) return undefined
  return { date, rate, ...fractionOf(rate) }
}

/** The rate's own decimal digits as a fraction. */
export function fractionOf(rate: number): { numerator: bigint; denominator: bigint } {
  const [digits = '', exponent = '0'] = rate.toString().split('e')
  const [whole = '', fraction = ''] = digits.split('.')
  const scale = fraction.length - Number(exponent)
  const numerator = BigInt(whole + fraction)
  return scale >= 0
    ? { numerator, denominator: 10n ** BigInt(scale) }
    : { numerator: numerator * 10n ** BigInt(-scale), denominator: 1n }
}

function byDate(a: FxRate, b: FxRate): number {
  return a.date < b.date ? -1 : a.date > b.date ? 1 : 0
}

function latest(rates: readonly FxRate[] | undefined, date: string): FxRate | undefined {
  let low = 0
  let high = rates?.length ?? 0
  while (low < high) {
    const middle = (low + high) >>> 1
    if (rates![middle]!.date <= date) low = middle + 1
    else high = middle
  }
  return rates?.[low - 1]
}

/**
 * An amount in ten-thousandths times a rate, as canonical decimal text: exact, then rounded half away from zero to four
 * decimals. Undefined where the product does not fit into money's 14 digits.
 */
export function convertMoney(units: bigint, rate: FxRate): string | undefined {
  const magnitude = (units < 0n ? -units : units) * rate.numerator
  const rounded = (magnitude * 2n + rate.denominator) / (rate.denominator * 2n)
  return fitsMoney(rounded) ? formatMoney(units < 0n ? -rounded : rounded) : undefined
}

function isObject(value: unknown): value is { [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
