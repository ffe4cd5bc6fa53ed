const STEPS = [1, 2, 3, 4, 5, 6, 8, 10]

/** The round number at or above `highest` that an axis from 0 ends with; counts end with an even one, or 1. */
export function niceTop(highest: number, isWhole: boolean): number {
  if (!(highest > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(isWhole ? Math.max(1, highest) : highest))
  const fits = (top: number) => top >= highest * 0.999 && (!isWhole || top === 1 || top % 2 === 0)
  return STEPS.map((step) => step * power).find(fits) ?? 10 * power
}

export interface Axis {
  readonly min: number
  readonly max: number
  readonly interval: number
  readonly ticks: readonly number[]
}

/** An axis that holds all values and 0, with a tick in the middle of each side. */
export function axisOf(values: readonly (number | undefined)[], isWhole: boolean): Axis {
  const known = values.filter((value) => value !== undefined)
  const top = niceTop(Math.max(0, ...known), isWhole)
  const lowest = Math.min(0, ...known)
  if (lowest === 0) return { min: 0, max: top, interval: top / 2, ticks: [0, top / 2, top] }
  const bottom = -niceTop(-lowest, isWhole)
  const reach = Math.max(top, -bottom)
  const min = lowest < -reach / 2 ? -reach : -reach / 2
  return {
    min,
    max: reach,
    interval: reach / 2,
    ticks: min === -reach ? [-reach, -reach / 2, 0, reach / 2, reach] : [min, 0, reach / 2, reach],
  }
}
