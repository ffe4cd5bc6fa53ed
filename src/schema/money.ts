/** Ten-thousandths that DECIMAL(18,4) cannot hold any more: 14 digits before the point. */
const UNITS_LIMIT = 10n ** 18n

/** A JSON number at or above this may already have lost a fourth decimal; it must come as a string. */
export const MONEY_NUMBER_LIMIT = 1e11

const SCALE = 10_000
/** An amount as text. */
export const MONEY_TEXT = /^(-?)(\d{1,14})(?:\.(\d{1,4}))?$/
const SUM_TEXT = /^(-?)(\d+)(?:\.(\d{1,4}))?$/

/**
 * Amount in ten-thousandths of the currency, or undefined where the input is not money.
 *
 * Takes a JSON number within 1e-9 relative of four decimals (float noise such as
 * 59.980000000000004) or a decimal string with at most four decimals. Never rounds anything finer.
 */
export function parseMoney(input: unknown): bigint | undefined {
  if (typeof input === 'number') {
    const units = parseMoneyNumber(input)
    return units === undefined ? undefined : BigInt(units)
  }
  return unitsOf(MONEY_TEXT, input)
}

/** The same for canonical text of a sum, which may have more digits than any amount of the wire. */
export function parseSum(input: unknown): bigint | undefined {
  return unitsOf(SUM_TEXT, input)
}

function unitsOf(form: RegExp, input: unknown): bigint | undefined {
  const match = typeof input === 'string' ? form.exec(input) : null
  if (!match) return undefined
  const units = BigInt(match[2]!) * 10_000n + BigInt((match[3] ?? '').padEnd(4, '0'))
  return match[1] ? -units : units
}

/** The same for a number only, as a safe integer: the hot path needs no BigInt. */
function parseMoneyNumber(input: number): number | undefined {
  if (!(Math.abs(input) < MONEY_NUMBER_LIMIT)) return undefined
  const scaled = input * SCALE
  const units = Math.round(scaled)
  return Math.abs(scaled - units) <= Math.abs(scaled) * 1e-9 ? units : undefined
}

/** Whether `parseMoney` would take the input; without building anything. */
export function isMoney(input: unknown): boolean {
  if (typeof input === 'number') return parseMoneyNumber(input) !== undefined
  return typeof input === 'string' && MONEY_TEXT.test(input)
}

/** Whether an amount in ten-thousandths can be stored. */
export function fitsMoney(units: bigint): boolean {
  return units < UNITS_LIMIT && units > -UNITS_LIMIT
}

/** Canonical decimal text of an amount in ten-thousandths: no trailing zeros, no exponent, "-0" is "0". */
export function formatMoney(units: bigint): string {
  const negative = units < 0n
  const magnitude = negative ? -units : units
  const fraction = (magnitude % 10_000n).toString().padStart(4, '0').replace(/0+$/, '')
  const text = (magnitude / 10_000n).toString() + (fraction && `.${fraction}`)
  return negative ? `-${text}` : text
}

/** Canonical decimal text of a wire amount that `isMoney` has taken. */
export function canonicalMoney(input: number | string): string {
  // A number is below 10^11, where doubles lie closer than a ten-thousandth: its shortest text is the exact one.
  if (typeof input === 'number') return String(parseMoneyNumber(input)! / SCALE)
  return formatMoney(parseMoney(input)!)
}
