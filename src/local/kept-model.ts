import type { EventType } from '../schema/registry.ts'

/** UTC days, YYYY-MM-DD, both included. */
export interface DayRange {
  readonly from: string
  readonly to: string
}

/** A model whose rows of a day come from the events of the days around it alone, so that they can be kept. */
export interface KeptModel {
  readonly name: string
  /** SELECT over the event views: the rows of these days, ranges in order. */
  rowsOf(days: readonly DayRange[]): string
  /** Per event type, the days around a day that its rows depend on. */
  readonly reach: ReadonlyMap<EventType, { readonly back: number; readonly forward: number }>
}

/** What is kept of a model and what is not: its view is the one and, evaluated at each query, the other. */
export interface KeptDays {
  /** By day, the file of its rows under the lake directory; undefined where it has none. */
  readonly files: ReadonlyMap<string, string | undefined>
  /** Days with events of the model that are not kept. */
  readonly open: ReadonlySet<string>
}

export interface KeptState {
  readonly model: KeptModel
  days: KeptDays
  /** When each day was last made, milliseconds since 1970. */
  readonly made: Map<string, number>
}
