import { type DayRange, joinDays, shiftDay } from '../derive/days.ts'
import type { EventType } from '../schema/registry.ts'
import type { Reach } from './reach.ts'

/**
 * Days of a model that must be made anew, in order, when events of some days (`changed`, by type) have come. `reach` is the
 * model's: per event type, the days around a day that its rows depend on.
 */
export function daysToMake(
  reach: ReadonlyMap<EventType, Reach>,
  changed: ReadonlyMap<EventType, readonly string[]>,
): string[] {
  const days = new Set<string>()
  for (const [type, { back, forward }] of reach) {
    for (const day of changed.get(type) ?? []) {
      for (let shift = -forward; shift <= -back; shift++) days.add(shiftDay(day, shift))
    }
  }
  return [...days].sort()
}

/** Days in order, cut into ranges of at most `most` days each. */
export function daysInTurn(days: readonly string[], most: number): (readonly string[])[] {
  return Array.from({ length: Math.ceil(days.length / most) }, (_, index) =>
    days.slice(index * most, (index + 1) * most),
  )
}

/** Days in order as ranges: what follows on the next day is one with it. */
export function rangesOf(days: readonly string[]): DayRange[] {
  return joinDays(days.map((day) => ({ from: day, to: day })))
}
