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
  return isPlainUtc(text) ? parsePlainUtc(text) : parseWithOffset(text)
}

const T = 84
const Z = 90

/** `2025-01-15T10:30:00Z` or with three decimals: what nearly every sender writes, read without a regular expression. */
function isPlainUtc(text: string): boolean {
  const length = text.length
  if (length !== 20 && !(length === 24 && text.charCodeAt(19) === 46)) return false
  return (
    text.charCodeAt(length - 1) === Z &&
    text.charCodeAt(4) === 45 &&
    text.charCodeAt(7) === 45 &&
    text.charCodeAt(10) === T &&
    text.charCodeAt(13) === 58 &&
    text.charCodeAt(16) === 58
  )
}

function parsePlainUtc(text: string): number | undefined {
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 7)
  const day = digits(text, 8, 10)
  const hour = digits(text, 11, 13)
  const minute = digits(text, 14, 16)
  const second = digits(text, 17, 19)
  const fraction = text.length === 24 ? digits(text, 20, 23) : 0
  // NaN where a place holds no digit; every comparison with it is false.
  if (!(year >= 1 && month >= 1 && month <= 12 && isDay(year, month, day))) return undefined
  if (!(hour <= 23 && minute <= 59 && second <= 59 && fraction >= 0)) return undefined
  const seconds = hour * 3600 + minute * 60 + second
  return (daysSince1970(year, month, day) * 86_400 + seconds) * 1000 + fraction
}

function digits(text: string, from: number, to: number): number {
  let value = 0
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

/** Proleptic Gregorian, counted in years that begin in March so that the leap day comes last. */
function daysSince1970(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const leaps = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400)
  return shifted * 365 + leaps + dayOfYear - 719_468
}

function parseWithOffset(text: string): number | undefined {
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

/** Canonical text of a timestamp that `parseTimestamp` has taken: digits beyond the millisecond are cut. */
export function canonicalTimestamp(text: string): string {
  if (!isPlainUtc(text)) return formatTimestamp(parseWithOffset(text)!)
  return text.length === 24 ? text : `${text.slice(0, 19)}.000Z`
}

/** Canonical text: UTC with milliseconds and a Z. */
export function formatTimestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
