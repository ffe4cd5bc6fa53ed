const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/**
 * Milliseconds since 1970 UTC, or undefined where the text is not an RFC 3339 date-time with offset.
 * Digits beyond the millisecond are cut. Leap seconds (":60") and year 0000 are refused: no table type holds them.
 * Source: RFC 3339 section 5.6.
 */
export function parseTimestamp(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined
  const match = RFC3339.exec(text)
  if (!match) return undefined
  const year = Number(match[1])
  const month = Number(match[2])
  if (year === 0 || month < 1 || month > 12 || !isDay(year, month, Number(match[3])))
    return undefined
  if (Number(match[4]) > 23 || Number(match[5]) > 59 || Number(match[6]) > 59) return undefined
  const offset = match[8]!
  if (offset.length > 1 && (Number(offset.slice(1, 3)) > 23 || Number(offset.slice(4)) > 59)) {
    return undefined
  }
  const milliseconds = Date.parse(text.replace('t', 'T').replace('z', 'Z'))
  return milliseconds >= EARLIEST && milliseconds < LATEST ? milliseconds : undefined
}

/** The years 0001 to 9999 in UTC, so that an offset can never move a timestamp out of a four-digit year. */
const EARLIEST = Date.parse('0001-01-01T00:00:00Z')
const LATEST = Date.parse('9999-12-31T23:59:59.999Z') + 1

function isDay(year: number, month: number, day: number): boolean {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day >= 1 && day <= DAYS[month - 1]! + (leap ? 1 : 0)
}

/** Canonical text: UTC with milliseconds and a Z. */
export function formatTimestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
