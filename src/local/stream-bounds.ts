import { statfsSync } from 'node:fs'
import type { Config } from '../config.ts'
import { ShoplakeError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'

/** Says whether a write still fits, before it is made. */
export interface StreamBounds {
  /** disk_full or stream_full when `cost` more bytes on top of `used` would reach a bound. */
  refusal(used: number, cost: number): ShoplakeError | undefined
}

const LOOK_EVERY_MS = 1000
const RETRY_AFTER_S = 10
/** Copied pages, the next segment's first pages and lock files, beyond what the records cost by themselves. */
const MOST_SLACK_BYTES = 4_000_000

/** `freeBytes` is asked once a second at most; between, what was admitted is taken off the last answer. */
export function createStreamBounds(options: {
  config: Pick<Config, 'stream_max_bytes' | 'disk_reserve_bytes'>
  freeBytes(): number
  metrics: Metrics
  now(): number
}): StreamBounds {
  const { config } = options
  const slack = Math.min(MOST_SLACK_BYTES, config.stream_max_bytes / 10)
  let free = 0
  let lookedAt = Number.NEGATIVE_INFINITY
  let usedThen = 0

  function look(used: number): void {
    if (Math.abs(options.now() - lookedAt) < LOOK_EVERY_MS) return
    lookedAt = options.now()
    free = options.freeBytes()
    usedThen = used
    options.metrics.set('shoplake_disk_free_bytes', free)
  }

  function refusal(used: number, cost: number): ShoplakeError | undefined {
    look(used)
    if (used + cost + slack > config.stream_max_bytes) {
      return new ShoplakeError(
        'stream_full',
        `the stream holds ${gigabytes(used)} of ${gigabytes(config.stream_max_bytes)} that wait for a consumer`,
        { retryAfterS: RETRY_AFTER_S },
      )
    }
    if (free - Math.max(0, used - usedThen) - cost < config.disk_reserve_bytes) {
      return new ShoplakeError(
        'disk_full',
        `${gigabytes(free)} are free on the disk, ${gigabytes(config.disk_reserve_bytes)} are kept in reserve: make room`,
        { retryAfterS: RETRY_AFTER_S },
      )
    }
    return undefined
  }

  return { refusal }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`
}

/** Bytes that this user may still write to the directory's file system. */
export function freeBytesOf(directory: string): number {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}
