import type { Problem } from './expand.ts'

/** Days around a range, both ends included: `back` is usually negative. Infinite where nothing bounds it. */
export interface Reach {
  readonly back: number
  readonly forward: number
}

/** The range itself. */
export const SAME_DAYS: Reach = { back: 0, forward: 0 }

/** All of the history. */
export const EVER: Reach = { back: Number.NEGATIVE_INFINITY, forward: Number.POSITIVE_INFINITY }

const ENTRY = /^([a-z][a-z0-9_]*) (?:(-?\d{1,4})?\.\.(-?\d{1,4})?)$/

/**
 * `orders 0..0, payments -2.., links ..`: per table the days around a range that have to be read for the range to come
 * out right; an end that is left out is open. Problems say what does not fit.
 */
export function parseReach(
  text: string,
  line: number,
): { reach: Map<string, Reach>; problems: Problem[] } {
  const reach = new Map<string, Reach>()
  const problems: Problem[] = []
  for (const part of text.split(',').map((one) => one.trim())) {
    const [, name, back, forward] = ENTRY.exec(part) ?? []
    const days = {
      back: back === undefined ? EVER.back : Number(back),
      forward: forward === undefined ? EVER.forward : Number(forward),
    }
    if (name === undefined || days.back > days.forward || reach.has(name)) {
      problems.push({
        line,
        message: `"${part}": expected "table -1..1", "table -2.." or "table .."`,
      })
    } else {
      reach.set(name, days)
    }
  }
  return { reach, problems }
}

/** The days around days around a range. */
export function addReach(a: Reach, b: Reach): Reach {
  return { back: a.back + b.back, forward: a.forward + b.forward }
}

/** The shortest reach that has both. */
export function hullOf(a: Reach | undefined, b: Reach): Reach {
  if (!a) return b
  return { back: Math.min(a.back, b.back), forward: Math.max(a.forward, b.forward) }
}

/** Whether nothing bounds it on either side. */
export function isEver(reach: Reach): boolean {
  return reach.back === EVER.back && reach.forward === EVER.forward
}
