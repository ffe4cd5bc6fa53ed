const DAY_MS = 86_400_000

/** A stretch of whole days in the shop's zone, both ends counted, YYYY-MM-DD. */
export interface Days {
  readonly from: string
  readonly to: string
}

export interface Preset {
  readonly name: string
  readonly label: string
  /** The key that chooses it. */
  readonly letter?: string
  readonly days: (today: string) => Days
}

const back = (days: number) => (today: string) => ({ from: shiftDay(today, 1 - days), to: today })

/** The stretches that have a name, in the order of the menu. */
export const PRESETS: readonly Preset[] = [
  { name: 'today', label: 'Today', letter: 'D', days: back(1) },
  {
    name: 'yesterday',
    label: 'Yesterday',
    letter: 'E',
    days: (today) => ({ from: shiftDay(today, -1), to: shiftDay(today, -1) }),
  },
  { name: '7d', label: 'Last 7 days', letter: 'W', days: back(7) },
  { name: '28d', label: 'Last 28 days', letter: 'M', days: back(28) },
  { name: '90d', label: 'Last 90 days', letter: 'Q', days: back(90) },
  {
    name: 'month',
    label: 'This month',
    days: (today) => ({ from: `${today.slice(0, 7)}-01`, to: today }),
  },
  { name: 'last-month', label: 'Last month', days: lastMonth },
  {
    name: 'year',
    label: 'This year',
    days: (today) => ({ from: `${today.slice(0, 4)}-01-01`, to: today }),
  },
  { name: '12m', label: 'Last 12 months', letter: 'Y', days: back(364) },
]

export const DEFAULT_PRESET = '28d'

function lastMonth(today: string): Days {
  const to = shiftDay(`${today.slice(0, 7)}-01`, -1)
  return { from: `${to.slice(0, 7)}-01`, to }
}

export function presetOf(name: string | undefined): Preset | undefined {
  return PRESETS.find((preset) => preset.name === name)
}

export function shiftDay(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10)
}

/** How many days lie between two, both ends counted. */
export function lengthOf({ from, to }: Days): number {
  return Math.round(daysBetween(from, to)) + 1
}

/** By how many days one day, or hour, is later than another. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS
}

/** Of fewer, the last one is too much to be compared before it is over. */
const MANY_DAYS = 28

/**
 * Whether days can stand beside as many whole ones: a few hours of today in place of a day would tell of a fall that is
 * none, and so would days to come.
 */
export function isComparable(days: Days, today: string): boolean {
  return days.to < today || (days.to === today && lengthOf(days) >= MANY_DAYS)
}

/** A day, or today where it is still to come. */
export function noLaterThan(today: string, day: string): string {
  return day < today ? day : today
}

/** The days that can be looked at: those before them that they are compared with have four digits of year too. */
export const LOOKED_AT: Days = { from: '1900-01-01', to: '2099-12-31' }

/** A calendar day that exists and can be looked at. */
export function isDay(text: string | undefined): text is string {
  if (!text || !/^\d{4}-\d\d-\d\d$/.test(text)) return false
  if (text < LOOKED_AT.from || text > LOOKED_AT.to) return false
  const at = Date.parse(text)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

/** The calendar day of a moment in a zone: the form that Swedish dates have. */
export function dayIn(zone: string, at: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(at)
}

/** The hour of a moment on a zone's clock, two digits. */
export function hourIn(zone: string, now: number): string {
  const parts = { timeZone: zone, hour: '2-digit', hourCycle: 'h23' } as const
  return new Intl.DateTimeFormat('en-GB', parts).format(now).padStart(2, '0')
}

export type Grain = 'hour' | 'day' | 'week' | 'month'

/** Hours for up to two days, days up to three months, weeks up to a year and a bit, then months. */
export function grainOf(days: Days): Grain {
  const length = lengthOf(days)
  if (length <= 2) return 'hour'
  if (length <= 92) return 'day'
  return length <= 400 ? 'week' : 'month'
}

const LENGTH_DAYS: { readonly [G in Grain]: number } = { hour: 0, day: 1, week: 7, month: 0 }

/** The last day of the bucket that begins on a day. */
export function bucketEnd(start: string, grain: Grain): string {
  if (grain === 'hour') return start.slice(0, 10)
  if (grain !== 'month') return shiftDay(start, LENGTH_DAYS[grain] - 1)
  const next = new Date(Date.parse(start))
  next.setUTCMonth(next.getUTCMonth() + 1)
  return shiftDay(next.toISOString().slice(0, 10), -1)
}
