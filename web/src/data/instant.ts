import { type Days, shiftDay } from './period.ts'

/** How far a zone's clock is ahead of UTC at a moment, in milliseconds. */
function aheadOf(zone: string, at: number): number {
  const parts = { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' } as const
  const clock = new Intl.DateTimeFormat('sv-SE', parts).format(at)
  return Date.parse(`${clock.replace(' ', 'T')}Z`) - (at - (at % 1000))
}

/** The moment at which a day begins on a zone's clock, in milliseconds since 1970. */
export function startOfDay(zone: string, day: string): number {
  const midnight = Date.parse(`${day}T00:00:00Z`)
  // Where the clock is set between the guess and the answer, the second look sees it.
  const guess = midnight - aheadOf(zone, midnight)
  return midnight - aheadOf(zone, guess)
}

/** The moments between which days lie on a zone's clock, ISO 8601 in UTC, the second not included. */
export function momentsOf(zone: string, { from, to }: Days): { from: string; to: string } {
  const iso = (day: string) => new Date(startOfDay(zone, day)).toISOString()
  return { from: iso(from), to: iso(shiftDay(to, 1)) }
}
