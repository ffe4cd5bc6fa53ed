/** A number from the command line, `fallback` where it is not given. Throws on anything else: a wrong one would be measured in silence. */
export function numberOf(text: string | undefined, fallback: number): number {
  const value = Number(text ?? fallback)
  if (text?.trim() !== '' && Number.isFinite(value) && value >= 0) return value
  throw new Error(`${JSON.stringify(text)} is no number`)
}
