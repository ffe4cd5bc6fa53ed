import { numberOf, type ReportColumn, textOf, type Unit, type Value } from './report-types.ts'

/** What amounts and times are written with: the shop's own. */
export interface Locale {
  readonly currency: string
  readonly time_zone: string
}

/** A number by the reader's habits, with a minus that is as wide as a plus. */
function written(number: number, options: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(undefined, options).format(number).replace('-', '−')
}

/** Amounts in their currency, exact. */
export function formatMoney(amount: number, currency: string): string {
  return written(amount, { style: 'currency', currency })
}

/** For headlines: without decimals at 0 and from 1,000 up, where they say nothing. */
export function formatMoneyRound(amount: number, currency: string): string {
  if (Math.abs(amount) < 1000 && amount !== 0) return formatMoney(amount, currency)
  if (Math.abs(amount) >= 10_000_000) return formatMoneyShort(amount, currency, 4)
  const digits = { maximumFractionDigits: 0 }
  return written(amount, { style: 'currency', currency, ...digits })
}

/** For axes: "$1.5K". */
export function formatMoneyShort(amount: number, currency: string, digits = 2): string {
  const short = { notation: 'compact', maximumSignificantDigits: digits } as const
  return written(amount, { style: 'currency', currency, ...short })
}

export function formatCount(count: number): string {
  return written(count, { maximumFractionDigits: 0 })
}

/** For axes: "12K". */
export function formatCountShort(count: number): string {
  return written(count, {
    notation: 'compact',
    maximumSignificantDigits: 3,
  })
}

/** `3.4%`: one decimal, two below one percent, none at 0 and 100. */
export function formatRatio(ratio: number): string {
  const percent = Math.abs(ratio * 100)
  const isWhole = percent === 0 || percent === 100
  const digits = isWhole ? 0 : percent < 1 ? 2 : 1
  return written(ratio, {
    style: 'percent',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

/** A number with the decimals that its size deserves: none from 100 up, two below 1, else one. */
export function formatNumber(number: number): string {
  const size = Math.abs(number)
  const digits = size >= 100 || size === 0 ? 0 : size < 1 ? 2 : 1
  return written(number, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

/** `1.4 GB`, in steps of a thousand. */
export function formatBytes(bytes: number): string {
  const steps = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const
  const step = Math.min(
    steps.length - 1,
    Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)),
  )
  return written(bytes / 1000 ** step, {
    style: 'unit',
    unit: steps[step]!,
    unitDisplay: 'short',
    maximumSignificantDigits: 3,
  })
}

const DURATIONS = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
] as const

/** `0.80 s`, `12 min`, `3.5 h`, `13 d`: in the largest unit of which there are at least two. */
export function formatDuration(seconds: number): string {
  const [length, unit] = DURATIONS.find(([one]) => seconds >= 2 * one) ?? [1, 's']
  const amount = seconds / length
  return `${Number.isInteger(amount) || amount >= 10 ? formatCount(amount) : formatNumber(amount)} ${unit}`
}

/** A count with its noun: "1 order", "2 orders". */
export function formatNoun(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** How long ago, in the largest unit that fits: "just now", "12 s ago", "3 min ago"; the day where it is long ago. */
export function formatAgo(then: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - then) / 1000))
  if (seconds < 10) return 'just now'
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  if (seconds > 60 * 86_400) return formatDayShort(new Date(then).toISOString())
  return `${Math.floor(seconds / 86_400)} d ago`
}

/** `14:03` on the shop's clock. */
export function formatTime(at: number, zone: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, timeStyle: 'short' })
  return format.format(new Date(at))
}

/** `Nov 22, 14:03` on the shop's clock, and with the year where it is not this one's. */
export function formatMoment(at: string, zone: string): string {
  const moment = momentOf(at)
  const isOther = yearIn(zone, moment) !== yearIn(zone, new Date())
  const format = new Intl.DateTimeFormat(undefined, {
    day: 'numeric',
    month: 'short',
    ...(isOther ? { year: 'numeric' } : {}),
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: zone,
  })
  return format.format(moment)
}

function yearIn(zone: string, moment: Date): string {
  return new Intl.DateTimeFormat('en', { year: 'numeric', timeZone: zone }).format(moment)
}

/** A timestamp of a report, which is UTC and says so by a Z or not at all. */
function momentOf(at: string): Date {
  const text = at.replace(' ', 'T')
  return new Date(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`)
}

/** `Saturday, November 22`, of a date such as 2025-11-22. */
export function formatDay(date: string): string {
  return formatDate(date, { weekday: 'long', day: 'numeric', month: 'long' })
}

/** `Nov 22`, and with the year where it is not this one's. */
export function formatDayShort(date: string): string {
  const isOther = date.slice(0, 4) !== new Date().toISOString().slice(0, 4)
  return formatDate(date, {
    day: 'numeric',
    month: 'short',
    ...(isOther ? { year: 'numeric' } : {}),
  })
}

/** `Sat, Nov 22`, for a cursor. */
export function formatDayNamed(date: string): string {
  const isOther = date.slice(0, 4) !== new Date().toISOString().slice(0, 4)
  return formatDate(date, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    ...(isOther ? { year: 'numeric' } : {}),
  })
}

/** `Sat, Nov 22, 14:00`, of an hour on the shop's clock. */
export function formatHour(hour: string): string {
  return `${formatDayNamed(hour)}, ${hour.slice(11, 16)}`
}

/** `Nov 2026`. */
export function formatMonth(date: string): string {
  return formatDate(date, { month: 'short', year: 'numeric' })
}

function formatDate(date: string, parts: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(undefined, { ...parts, timeZone: 'UTC' }).format(
    new Date(`${date.slice(0, 10)}T00:00:00Z`),
  )
}

/** `Nov 1 – 28`, `Oct 26 – Nov 22`, `Dec 1, 2025 – Jan 5, 2026`. */
export function formatDays(from: string, to: string): string {
  const year = new Date().getUTCFullYear()
  const isThis = [from, to].every((day) => day.startsWith(String(year)))
  const parts = {
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
    ...(isThis ? {} : ({ year: 'numeric' } as const)),
  } as const
  const format = new Intl.DateTimeFormat(undefined, parts)
  return format.formatRange(new Date(from), new Date(to))
}

/** `Germany` for `DE`; what is no code stays as it is. */
export function formatCountry(country: string): string {
  if (!/^[A-Za-z]{2}$/.test(country)) return country
  const names = new Intl.DisplayNames(undefined, { type: 'region', fallback: 'code' })
  return names.of(country.toUpperCase()) ?? country
}

/** Columns whose texts are our own words: `organic_search` reads "Organic search". Others came from outside and stay. */
const OWN_WORDS = new Set([
  'channel',
  'device',
  'rfm_group',
  'step_name',
  'status',
  'kind',
  'reason',
  'event_type',
  'lifecycle',
  'payment_method',
])

const STEP_WORDS: { readonly [step: string]: string } = {
  session: 'Visited',
  product_view: 'Saw a product',
  add_to_cart: 'Put into cart',
  checkout_started: 'Began checkout',
  order_created: 'Ordered',
}

const STATUS_WORDS: { readonly [status: string]: string } = {
  created: 'placed',
  partially_refunded: 'partly refunded',
}

/** The path of a page's address; of a shop's first page the host. What is no address stays as it is. */
function pageWord(address: string): string {
  const [, host, path] = /^https?:\/\/([^/?#]+)(.*)$/.exec(address) ?? []
  if (host === undefined) return address
  return path === '' || path === '/' ? host : path!
}

/** How far an order has come, in a word or two. */
export function statusWord(status: string): string {
  return STATUS_WORDS[status] ?? status.replaceAll('_', ' ')
}

const SHORT_WORDS: { readonly [word: string]: string } = {
  ai_assistant: 'AI assistant',
  ai_assistants: 'AI assistants',
  sms: 'SMS',
}

/** A text of a report as people read it; null is told apart from an empty text. */
export function formatText(column: string, value: Value | undefined): string {
  if (value === null || value === undefined) return column === 'country' ? 'Not known' : '–'
  const text = textOf(value)
  if (text === '') return 'Without a name'
  if (text === '(none)') return 'Not known'
  if (column === 'country') return formatCountry(text)
  if (column === 'step_name') return STEP_WORDS[text] ?? text
  if (column === 'landing_page') return pageWord(text)
  if (column === 'status') return formatWord(statusWord(text))
  return OWN_WORDS.has(column) ? formatWord(text) : text
}

/** `organic_search` as "Organic search". */
export function formatWord(word: string): string {
  const spaced = word.replaceAll('_', ' ')
  return SHORT_WORDS[word] ?? spaced.charAt(0).toUpperCase() + spaced.slice(1)
}

/** How much a value may say: `full` exact, `round` for headlines, `axis` as short as can be. */
export type Precision = 'full' | 'round' | 'axis'

/** A value of a column by its unit; "–" where there is none. */
export function formatValue(
  column: Pick<ReportColumn, 'name' | 'unit' | 'label'>,
  value: Value | undefined,
  locale: Locale,
  precision: Precision = 'full',
): string {
  const { unit } = column
  if (unit === 'text') return formatText(column.name, value)
  if (value === null || value === undefined || value === '') return '–'
  if (unit === 'hour') return formatHour(textOf(value))
  if (unit === 'flag') return value === true || value === 'true' ? 'yes' : 'no'
  if (unit === 'date') return formatPoint(column.name, textOf(value))
  if (unit === 'timestamp') return formatMoment(textOf(value), locale.time_zone)
  const number = numberOf(value)
  if (number !== undefined && unit === 'days' && precision === 'full')
    return formatDayCount(column.label, number)
  return number === undefined ? textOf(value) : formatQuantity(unit, number, locale, precision)
}

/** Without the word where the column's own label has it. */
function formatDayCount(label: string, days: number): string {
  const text = Number.isInteger(days) ? formatCount(days) : formatNumber(days)
  return /\bdays\b/i.test(label) ? text : `${text} ${days === 1 ? 'day' : 'days'}`
}

function formatPoint(name: string, date: string): string {
  return /month|cohort/.test(name) ? formatMonth(date) : formatDayShort(date)
}

/** A number by its unit. */
export function formatQuantity(
  unit: Unit,
  number: number,
  { currency }: Locale,
  precision: Precision = 'full',
): string {
  if (unit === 'money') return MONEY[precision](number, currency)
  if (unit === 'ratio')
    return precision === 'axis' ? formatPercentShort(number) : formatRatio(number)
  if (precision === 'axis' || Math.abs(number) >= 10_000_000) return formatCountShort(number)
  if (unit === 'count') return formatCount(number)
  if (unit === 'days') return formatDayCount('', number)
  if (unit === 'hours') return `${formatNumber(number)} h`
  if (unit === 'seconds') return formatDuration(number)
  return formatNumber(number)
}

const MONEY = {
  full: formatMoney,
  round: formatMoneyRound,
  axis: (amount: number, currency: string) => formatMoneyShort(amount, currency),
} as const

function formatPercentShort(ratio: number): string {
  return written(ratio, { style: 'percent', maximumFractionDigits: 1 })
}
