import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DAY_MS } from '../simulator/calendar.ts'
import { layoutOf } from './paths.ts'

/** Where the demo shop stands: with the seed and the start, everything that it will ever send is known. */
export interface DemoState {
  readonly seed: number
  /** When the shop opened, and up to when its history goes: milliseconds since 1970. */
  readonly from: number
  readonly history_to: number
  /** So many of its events, from the first one, have been acknowledged. */
  readonly sent_events: number
  /** The history was checked, or cannot be: the data directory held other events before. */
  readonly verified: boolean
  /** It was interrupted in its history: what was under way then was sent twice. */
  readonly resumed: boolean
}

/** The shop of a data directory, a new one where there is none, and how to remember where it stands. */
export function openDemoState(
  dataDir: string,
  days: number,
): { state: DemoState; save(state: DemoState): void } {
  const file = path.join(layoutOf(dataDir).root, 'demo.json')
  const save = (next: DemoState) => {
    writeFileSync(`${file}.new`, JSON.stringify(next))
    renameSync(`${file}.new`, file)
  }
  if (!existsSync(file)) return { state: newShop(days, Date.now()), save }
  const known = JSON.parse(readFileSync(file, 'utf8')) as DemoState
  return { state: { ...known, resumed: true }, save }
}

function newShop(days: number, now: number): DemoState {
  const from = Math.floor(now / DAY_MS) * DAY_MS - days * DAY_MS
  return { seed: 42, from, history_to: now, sent_events: 0, verified: false, resumed: false }
}
