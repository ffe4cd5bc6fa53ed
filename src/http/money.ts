/** From here up a JSON number would lose a ten-thousandth. */
const NUMBER_LIMIT = 1e11

/**
 * An amount of the store, decimal text, by the rule of the wire: a JSON number below 10^11, a decimal string from there
 * up. Null and undefined stay null.
 */
export function moneyOut(text: string | null | undefined): number | string | null {
  if (text === null || text === undefined) return null
  const value = Number(text)
  return Math.abs(value) < NUMBER_LIMIT ? value : text
}
