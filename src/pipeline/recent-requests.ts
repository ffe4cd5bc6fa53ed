import { createHash } from 'node:crypto'
import type { RecordHeader } from './record.ts'

/**
 * Which records a bucket has seen lately, kept beside its checkpoint. A call to the stream that is made again because its answer was
 * lost leaves the same record twice, seconds apart, under two sequences: the second must do nothing.
 */
export interface RecentRequests {
  /** By minutes since 1970 of received_at: hashes of 11 characters each. */
  minutes: { [minute: string]: string }
}

const HASH_CHARACTERS = 11
/** Far longer than an append is tried for. */
const KEPT_MINUTES = 3
/** A busy bucket remembers less far back rather than more than fits beside a checkpoint: all minutes together. */
const KEPT_CHARACTERS = HASH_CHARACTERS * 20_000

export function noRequests(): RecentRequests {
  return { minutes: {} }
}

/** Whether the record was seen before; remembers it, in place. */
export function seenBefore(recent: RecentRequests, header: RecordHeader): boolean {
  const minute = Math.floor(header.received_at / 60_000)
  const hash = createHash('sha256')
    .update(`${header.request_id}/${header.part ?? 0}`)
    .digest('base64url')
    .slice(0, HASH_CHARACTERS)
  const held = recent.minutes[minute] ?? ''
  for (let at = held.indexOf(hash); at !== -1; at = held.indexOf(hash, at + 1)) {
    if (at % HASH_CHARACTERS === 0) return true
  }
  recent.minutes[minute] = held + hash
  forgetOld(recent)
  return false
}

function forgetOld({ minutes }: RecentRequests): void {
  const latestFirst = Object.keys(minutes)
    .map(Number)
    .sort((a, b) => b - a)
  let room = KEPT_CHARACTERS
  for (const minute of latestFirst) {
    const held = minute > latestFirst[0]! - KEPT_MINUTES ? minutes[minute]! : ''
    const kept = held.slice(Math.max(0, held.length - room))
    if (kept === '') delete minutes[minute]
    else minutes[minute] = kept
    room -= kept.length
  }
}
