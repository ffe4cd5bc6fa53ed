import { readFileSync } from 'node:fs'

/**
 * Preloaded into every process of a tortured server (NODE_OPTIONS=--import): its clock is off by the milliseconds that stand in the
 * file MOVED_CLOCK, also while it runs. The monotonic clock and timers go on as they are, as when somebody sets a machine's clock.
 */
const LOOK_MS = 50
const RealDate = Date
let offset = 0

function look() {
  try {
    offset = Number(readFileSync(process.env.MOVED_CLOCK, 'utf8')) || 0
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    offset = 0
  }
}

globalThis.Date = class MovedDate extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(RealDate.now() + offset)
    else super(...parts)
  }

  static now() {
    return RealDate.now() + offset
  }
}

if (process.env.MOVED_CLOCK) {
  look()
  setInterval(look, LOOK_MS).unref()
}
