const QUARTER_MS = 900_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

/** Local time of the shop. */
export interface Calendar {
  /** YYYY-MM-DD. */
  dateOf(at: number): string
  /** How busy this moment is, by hour, weekday and season; the mean over a year is about 1. */
  busyness(at: number): number
}

/** Share of the day's visits by local hour, times 24. */
const BY_HOUR = [
  0.42, 0.26, 0.17, 0.13, 0.13, 0.2, 0.4, 0.68, 0.92, 1.08, 1.18, 1.22, 1.26, 1.2, 1.14, 1.12, 1.14,
  1.22, 1.36, 1.6, 1.84, 1.86, 1.5, 0.87,
]
/** From Sunday. Friday evenings are quieter than they look. */
const BY_WEEKDAY = [1.1, 1.04, 0.99, 0.97, 0.98, 0.92, 1.0]
/** From January. */
const BY_MONTH = [0.93, 0.88, 0.92, 0.94, 0.96, 0.93, 0.9, 0.92, 0.98, 1.03, 1.22, 1.39]
/** Cyber week: from the Thursday before the last Friday of November to the Monday after it. */
const CYBER_WEEK_FACTOR = 1.9

/** `timeZone` is an IANA name; throws RangeError where it is unknown. */
export function createCalendar(timeZone: string): Calendar {
  const offsetAt = createOffsets(timeZone)
  let day = Number.NaN
  let date = ''
  const localDay = (at: number) => Math.floor((at + offsetAt(at)) / DAY_MS)
  return {
    dateOf(at) {
      const today = localDay(at)
      if (today !== day) {
        day = today
        date = new Date(today * DAY_MS).toISOString().slice(0, 10)
      }
      return date
    },
    busyness(at) {
      const local = new Date(at + offsetAt(at))
      return (
        BY_HOUR[local.getUTCHours()]! *
        BY_WEEKDAY[local.getUTCDay()]! *
        BY_MONTH[local.getUTCMonth()]! *
        (isCyberWeek(local) ? CYBER_WEEK_FACTOR : 1)
      )
    },
  }
}

function isCyberWeek(local: Date): boolean {
  const daysSinceFriday = (local.getUTCDay() + 2) % 7
  const friday = new Date(local.getTime() + (daysSinceFriday >= 6 ? 1 : -daysSinceFriday) * DAY_MS)
  const isNear = daysSinceFriday <= 3 || daysSinceFriday === 6
  return isNear && friday.getUTCMonth() === 10 && friday.getUTCDate() > 23
}

/** Milliseconds to add to UTC. Zones change only at whole quarters of an hour, so one lookup serves a quarter. */
function createOffsets(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  let quarter = Number.NaN
  let offset = 0
  return (at) => {
    const now = Math.floor(at / QUARTER_MS)
    if (now !== quarter) {
      quarter = now
      offset = offsetOf(format, now * QUARTER_MS)
    }
    return offset
  }
}

function offsetOf(format: Intl.DateTimeFormat, at: number): number {
  const parts: { [type: string]: number } = {}
  for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value)
  const local = Date.UTC(parts.year!, parts.month! - 1, parts.day!, parts.hour!, parts.minute!)
  return local - at
}
