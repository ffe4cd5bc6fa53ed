/** Amounts in their currency, exact. */
export function formatMoney(amount: number, currency: string): string {
  return new Intl.NumberFormat(undefined, { style: 'currency', currency }).format(amount)
}

/** For headlines: without decimals from 1,000 up, where they say nothing. */
export function formatMoneyRound(amount: number, currency: string): string {
  if (Math.abs(amount) < 1000) return formatMoney(amount, currency)
  const digits = { maximumFractionDigits: 0 }
  return new Intl.NumberFormat(undefined, { style: 'currency', currency, ...digits }).format(amount)
}

/** For axes: "$1.5K". */
export function formatMoneyShort(amount: number, currency: string): string {
  const short = { notation: 'compact', maximumSignificantDigits: 2 } as const
  return new Intl.NumberFormat(undefined, { style: 'currency', currency, ...short }).format(amount)
}

export function formatCount(count: number): string {
  return new Intl.NumberFormat().format(count)
}

/** A count with its noun: "1 order", "2 orders". */
export function formatNoun(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** How long ago, in the largest unit that fits: "just now", "12 s ago", "3 min ago". */
export function formatAgo(then: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - then) / 1000))
  if (seconds < 10) return 'just now'
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  return `${Math.floor(seconds / 86_400)} d ago`
}

/** `14:03` on the shop's clock. */
export function formatTime(at: number, zone: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, timeStyle: 'short' })
  return format.format(new Date(at))
}

/** `Saturday, November 22`, of a date such as 2025-11-22. */
export function formatDay(date: string): string {
  const parts = { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' } as const
  return new Intl.DateTimeFormat(undefined, parts).format(new Date(date))
}

/** `Germany` for `DE`; what is no code stays as it is. */
export function formatCountry(country: string): string {
  if (!/^[A-Za-z]{2}$/.test(country)) return country
  const names = new Intl.DisplayNames(undefined, { type: 'region', fallback: 'code' })
  return names.of(country.toUpperCase()) ?? country
}
