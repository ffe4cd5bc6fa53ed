/** When something happened on the shop's own clock. */
export interface LocalTime {
  /** YYYY-MM-DD. */
  readonly date: string
  /** 0 to 23. */
  readonly hour: number
}

/** No zone has changed its offset inside a quarter of an hour since offsets are whole minutes. */
const QUARTER_MS = 900_000
const DAY_MS = 86_400_000
const CACHE_LIMIT = 20_000

/**
 * A clock for an IANA zone: milliseconds since 1970 to local day and hour. Remembers each quarter of an hour, since asking
 * Intl costs microseconds. Throws RangeError for an unknown zone.
 */
export function createLocalClock(zone: string): (milliseconds: number) => LocalTime {
  const format = new Intl.DateTimeFormat('en-US', { ...PARTS, timeZone: zone })
  const known = new Map<number, LocalTime>()
  return (milliseconds) => {
    const quarter = Math.floor(milliseconds / QUARTER_MS)
    const found = known.get(quarter)
    if (found) return found
    if (known.size >= CACHE_LIMIT) known.clear()
    const local = localTime(format, quarter * QUARTER_MS)
    known.set(quarter, local)
    return local
  }
}

const PARTS: Intl.DateTimeFormatOptions = {
  calendar: 'iso8601',
  numberingSystem: 'latn',
  hourCycle: 'h23',
  era: 'short',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
}

function localTime(format: Intl.DateTimeFormat, start: number): LocalTime {
  const parts: { [type: string]: number } = {}
  for (const { type, value } of format.formatToParts(start)) parts[type] = Number(value)
  const { month, day, hour, minute, second } = parts
  // The calendar year by era counts from one; the offset shows which side of it the local moment lies on.
  const year = new Date(start).getUTCFullYear()
  const utc = [year - 1, year, year + 1].map((candidate) => {
    const date = new Date(0)
    date.setUTCFullYear(candidate, month! - 1, day)
    return date.getTime() + ((hour! * 60 + minute!) * 60 + second!) * 1000
  })
  const local = utc.find((moment) => Math.abs(moment - start) <= DAY_MS) ?? start
  return { date: dateText(local), hour: new Date(local).getUTCHours() }
}

/** A zone west of Greenwich has no day for the first hours of the year 1; its first day stands in. */
function dateText(local: number): string {
  const text = new Date(local).toISOString()
  return text.startsWith('0000') || text.startsWith('-') ? '0001-01-01' : text.slice(0, 10)
}
