/** Amounts as the shop's currency; without decimals from 1,000 up, where they say nothing. */
export function formatMoney(amount: number, currency: string): string {
  const digits = Math.abs(amount) >= 1000 ? { maximumFractionDigits: 0 } : {}
  return new Intl.NumberFormat(undefined, { style: 'currency', currency, ...digits }).format(amount)
}

export function formatCount(count: number): string {
  return new Intl.NumberFormat().format(count)
}

/** How long ago, in the largest unit that fits: "12 s ago", "3 min ago". */
export function formatAgo(then: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - then) / 1000))
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  return `${Math.floor(seconds / 86_400)} d ago`
}
