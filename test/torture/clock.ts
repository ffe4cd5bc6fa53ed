import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Random } from '../../src/simulator/random.ts'

const HOUR_MS = 3_600_000
/** Longer than the stream keeps records, far shorter than the age of the events that are sent. */
const MOST_HOURS = 120

/** The clock of all servers that are started from now on. */
export interface MovedClock {
  /** Leaps ahead or back; how many hours it is off then. */
  leap(random: Random): number
  remove(): void
}

/** Has the environment of processes to come load test/torture/moved-clock.mjs. */
export function moveClocks(): MovedClock {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'shoplake-clock-'))
  const file = path.join(directory, 'offset')
  process.env.MOVED_CLOCK = file
  process.env.NODE_OPTIONS = `--import ${path.resolve('test/torture/moved-clock.mjs')}`
  return {
    leap(random) {
      const hours = random.integer(-MOST_HOURS, MOST_HOURS)
      writeFileSync(file, String(hours * HOUR_MS))
      return hours
    },
    remove() {
      delete process.env.MOVED_CLOCK
      delete process.env.NODE_OPTIONS
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
