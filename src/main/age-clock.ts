import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'

/** A clock that is further ahead than this did not get there by itself. */
const LEAP_MS = 3_600_000
/** How long a machine must have run with such a clock before ages are counted by it. */
const TRUST_MS = 86_400_000

/**
 * The moment that ages are counted from where data is deleted for its age: the clock's, but for one that has leapt ahead. A
 * wrong date must not cost the history, so that a leap counts only after a day; until then the moment moves on from where it
 * was. A clock that was set back is followed at once, as it only keeps things longer.
 * `now`: milliseconds since 1970. `ticks`: milliseconds that no setting of the clock changes. `lastSeen`: when this data was
 * written last, as far as that is known: a leap may have come while nothing ran.
 */
export function createAgeClock(options: {
  now(): number
  ticks(): number
  lastSeen: number | undefined
}): () => number {
  const { now, ticks } = options
  let held = options.lastSeen ?? now()
  let heldAt = ticks()
  let aheadSince: number | undefined
  return () => {
    const [wall, at] = [now(), ticks()]
    const expected = held + (at - heldAt)
    heldAt = at
    const leapt = wall > expected + LEAP_MS
    if (leapt) aheadSince ??= at
    else aheadSince = undefined
    const isTrusted = aheadSince === undefined || at - aheadSince >= TRUST_MS
    held = isTrusted ? wall : expected
    return held
  }
}

/** The age clock of a process over a data directory's stream, which is made already. */
export function ageClockOf(streamDirectory: string): () => number {
  return createAgeClock({
    now: Date.now,
    ticks: () => performance.now(),
    lastSeen: lastWritten(streamDirectory),
  })
}

/** When the newest segment was written to, milliseconds since 1970; undefined where there is none. */
function lastWritten(streamDirectory: string): number | undefined {
  const files = readdirSync(streamDirectory, { recursive: true, encoding: 'utf8' })
    .filter((name) => path.basename(name) === 'data.mdb')
    .map((name) => statSync(path.join(streamDirectory, name), { throwIfNoEntry: false })?.mtimeMs)
  const moments = files.filter((moment) => moment !== undefined)
  return moments.length === 0 ? undefined : Math.max(...moments)
}
