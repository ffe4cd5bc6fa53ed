/** UTC days, YYYY-MM-DD, both included. */
export interface DayRange {
  readonly from: string
  readonly to: string
}

/** The first and the last day that there are: ends of a range that is open there. */
export const FIRST_DAY = '0001-01-01'
export const LAST_DAY = '9999-12-31'

const DAY_MS = 86_400_000

/** A calendar day some days later; the first and the last that there are stay. */
export function shiftDay(day: string, days: number): string {
  if (day === FIRST_DAY || day === LAST_DAY) return day
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10)
}

export function isWithin(day: string, ranges: readonly DayRange[]): boolean {
  return ranges.some(({ from, to }) => from <= day && day <= to)
}

/** Ranges in order, as few as they can be: what overlaps or follows on the next day is one. */
export function joinDays(ranges: readonly DayRange[]): DayRange[] {
  const joined: DayRange[] = []
  for (const range of [...ranges].sort((left, right) => (left.from < right.from ? -1 : 1))) {
    const last = joined.at(-1)
    if (!last || (last.to < LAST_DAY && range.from > shiftDay(last.to, 1))) joined.push(range)
    else if (range.to > last.to) joined[joined.length - 1] = { from: last.from, to: range.to }
  }
  return joined
}
