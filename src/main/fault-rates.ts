import type { FaultRates } from '../simulator/faults.ts'

const NAMES: { readonly [name: string]: keyof FaultRates } = {
  dup: 'duplicate',
  duplicate: 'duplicate',
  late: 'late',
  out_of_order: 'out_of_order',
  invalid: 'invalid',
  unknown: 'unknown_field',
  unknown_field: 'unknown_field',
  skew: 'clock_skew',
  clock_skew: 'clock_skew',
}

/** Reads `dup=1%,late=0.02` into shares of 1. Throws a plain Error that says what to write instead. */
export function readFaultRates(text: string): FaultRates {
  const rates: { -readonly [F in keyof FaultRates]: number } = {}
  for (const part of text.split(',').filter((one) => one.trim() !== '')) {
    const [name = '', value = ''] = part.split('=').map((side) => side.trim())
    const fault = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined
    if (fault === undefined) {
      throw new Error(
        `there is no fault "${name}"; there are dup, late, out_of_order, invalid, unknown, skew`,
      )
    }
    const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(value)
    const share = match ? Number(match[1]) / (match[2] ? 100 : 1) : Number.NaN
    if (!(share <= 1)) throw new Error(`${name} is "${value}"; write a share such as 1% or 0.01`)
    rates[fault] = share
  }
  return rates
}
