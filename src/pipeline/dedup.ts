import { createHashTable, type HashTable } from './dedup-table.ts'
import { decodeHeader, decodeIdHashes, ID_HASH_BYTES } from './record.ts'

/** Which event ids the door has seen: by their 16-byte hashes, as latin1 text. */
export interface DedupWindow {
  has(idHash: string): boolean
  /** Remembers an id received at a moment (ms since 1970); false if it was remembered already. */
  add(idHash: string, receivedAt: number): boolean
  /** Forgets an id whose event was not kept after all. */
  release(idHash: string): void
  /** Remembers the ids of one record of the stream. Records must come in the order of their received_at, or nearly so. */
  loadFrom(record: Uint8Array): void
  /** The past before `moment` is not fully known, since the stream no longer held it. Called after a rebuild. */
  completeFrom(moment: number): void
  /** Milliseconds since 1970: every accepted id received at or after it is remembered. 0: every id ever. */
  from(): number
  readonly size: number
  /** Bytes that the tables hold. */
  bytes(): number
}

/** Requests end in another order than they were received in, but never this far apart: more is a clock that was set back. */
export const DISORDER_MS = 60_000

interface Generation {
  readonly table: HashTable
  /** Ids received from this moment on, and before the next generation's, stand here. */
  readonly from: number
}

/**
 * A window over the last `maxIds` ids or `windowMs` milliseconds, whichever is shorter, in two generations: when the young
 * one is half of maxIds or as old as the window, it becomes the old one and the old one is forgotten. So at least half of
 * maxIds and at most maxIds are remembered, and no id for longer than twice the window.
 * After a clock was set back, nothing is promised of what was received before its highest reading: ids of that time and of
 * now no longer stand in the order of their moments.
 */
export function createDedupWindow(options: {
  maxIds: number
  windowMs: number
  now(): number
}): DedupWindow {
  const perGeneration = Math.max(1, Math.floor(options.maxIds / 2))
  let young: Generation = { table: createHashTable(perGeneration), from: 0 }
  let old: Generation | undefined
  let began = options.now()
  /** The newest received_at of all ids so far. */
  let latest = 0
  let floor = 0

  const rotate = () => {
    old = young
    // An id received in this very millisecond may stand on either side: the young generation begins with the next one.
    young = { table: createHashTable(perGeneration), from: latest + 1 }
    began = latest
  }

  const see = (receivedAt: number) => {
    if (receivedAt > latest) latest = receivedAt
    else if (receivedAt < latest - DISORDER_MS) floor = Math.max(floor, latest + 1)
  }

  const has = (idHash: string) => young.table.has(idHash) || (old?.table.has(idHash) ?? false)

  const loadFrom = (record: Uint8Array) => {
    const receivedAt = decodeHeader(record).received_at
    const oldest = options.now() - options.windowMs
    if (receivedAt < oldest) {
      floor = Math.max(floor, oldest)
      return
    }
    if (latest === 0) began = receivedAt
    see(receivedAt)
    const hashes = decodeIdHashes(record)
    for (let at = 0; at < hashes.length; at += ID_HASH_BYTES) {
      if (young.table.size() >= perGeneration) rotate()
      young.table.addBytes(hashes, at)
    }
  }

  return {
    has,
    add: (idHash, receivedAt) => {
      if (old?.table.has(idHash)) return false
      if (!young.table.add(idHash)) return false
      see(receivedAt)
      if (young.table.size() >= perGeneration || receivedAt - began > options.windowMs) rotate()
      return true
    },
    release: (idHash) => {
      young.table.delete(idHash)
      old?.table.delete(idHash)
    },
    loadFrom,
    completeFrom: (moment) => {
      floor = Math.max(floor, moment)
    },
    from: () => Math.max(floor, old?.from ?? young.from),
    get size() {
      return young.table.size() + (old?.table.size() ?? 0)
    },
    bytes: () => young.table.bytes() + (old?.table.bytes() ?? 0),
  }
}
