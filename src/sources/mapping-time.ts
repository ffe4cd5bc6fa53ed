/** Reads local times of one form in one zone; undefined where the text does not fit the form or is no such day. */
export type LocalTimeReader = (text: string) => string | undefined

const PARTS: { readonly [token: string]: number } = { yyyy: 4, MM: 2, dd: 2, HH: 2, mm: 2, ss: 2 }
const REQUIRED = ['yyyy', 'MM', 'dd']

/**
 * A reader of texts such as `2010-12-01 08:26:00` by a form such as `yyyy-MM-dd HH:mm:ss`; it gives RFC 3339 in UTC.
 * A time that a clock change repeats is the first of the two; one that it skips is moved ahead by the gap.
 * Throws a plain Error for a form without a whole date, or an unknown zone.
 */
export function localTimeReader(form: string, timeZone: string): LocalTimeReader {
  const names: readonly string[] = form.match(/yyyy|MM|dd|HH|mm|ss/g) ?? []
  if (!REQUIRED.every((name) => names.includes(name)) || new Set(names).size < names.length) {
    throw new Error('the form needs yyyy, MM and dd, once each; HH, mm and ss may follow')
  }
  const pattern = new RegExp(`^${patternOf(form)}$`)
  const offsetAt = zoneOffsets(timeZone)
  return (text) => {
    const match = pattern.exec(text)
    if (!match) return undefined
    const part = (name: string) =>
      names.includes(name) ? Number(match[names.indexOf(name) + 1]) : 0
    const clock = Date.UTC(
      part('yyyy'),
      part('MM') - 1,
      part('dd'),
      part('HH'),
      part('mm'),
      part('ss'),
    )
    const date = new Date(clock)
    const isReal =
      date.getUTCDate() === part('dd') && date.getUTCHours() === part('HH') && part('ss') < 60
    return isReal && part('mm') < 60 ? new Date(toUtc(clock, offsetAt)).toISOString() : undefined
  }
}

function patternOf(form: string): string {
  return form
    .split(/(yyyy|MM|dd|HH|mm|ss)/)
    .map((piece) => {
      const digits = PARTS[piece]
      return digits ? `(\\d{${digits}})` : piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    })
    .join('')
}

/** The UTC moment at which clocks with these offsets show `clock` (milliseconds, as if it were UTC). */
function toUtc(clock: number, offsetAt: (utc: number) => number): number {
  const before = offsetAt(clock - DAY_MS)
  const after = offsetAt(clock + DAY_MS)
  const candidates = [clock - before, clock - after].filter((utc) => utc + offsetAt(utc) === clock)
  return candidates.length > 0 ? Math.min(...candidates) : clock - before
}

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const CACHED_HOURS = 20_000

/** Milliseconds that a zone is ahead of UTC at a moment; remembered per hour, since asking Intl costs microseconds. */
function zoneOffsets(timeZone: string): (utc: number) => number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const known = new Map<number, number>()
  return (utc) => {
    const hour = Math.floor(utc / HOUR_MS)
    const cached = known.get(hour)
    if (cached !== undefined) return cached
    if (known.size >= CACHED_HOURS) known.clear()
    const at = hour * HOUR_MS
    const parts = Object.fromEntries(
      format.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
    )
    const local = Date.UTC(
      parts.year!,
      parts.month! - 1,
      parts.day!,
      parts.hour!,
      parts.minute!,
      parts.second!,
    )
    known.set(hour, local - at)
    return local - at
  }
}
