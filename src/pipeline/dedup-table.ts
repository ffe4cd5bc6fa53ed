/**
 * A set of 128-bit hashes in typed arrays. The low ten bits of the first byte pair choose one of 1,024 shards; 96 further bits
 * are stored, 12 bytes a slot, found by linear probing. 106 bits decide: among 20 million ids two different ones meet with
 * a probability of 10^-18. A shard grows alone, so that growth never stops the door for more than a fraction of a millisecond.
 */
export interface HashTable {
  /** Whether the hash was new; remembers it. `hash`: 16 latin1 characters. */
  add(hash: string): boolean
  has(hash: string): boolean
  delete(hash: string): void
  /** The same for 16 bytes at an offset, as records hold them. */
  addBytes(bytes: Uint8Array, offset: number): boolean
  size(): number
  /** Bytes of all typed arrays. */
  bytes(): number
}

const SHARDS = 1024
const WORDS = 3
const FIRST_SLOTS = 16
const MAX_LOAD = 0.8
const GROWTH = 1.3
const TWO_32 = 4294967296

interface Shard {
  /** Three words a slot; a first word of 0 marks an empty one. */
  words: Uint32Array
  slots: number
  used: number
}

/**
 * An empty table. Shards begin small whatever is expected, since allocating them all at once would stop the door; but their last
 * growth before the `expected` number of ids fits it.
 */
export function createHashTable(expected = 0): HashTable {
  const target = targetSlots(expected)
  const shards: (Shard | undefined)[] = new Array(SHARDS).fill(undefined)
  let size = 0

  const shardAt = (number: number) => {
    const shard = shards[number]
    if (shard) return shard
    const fresh = emptyShard(FIRST_SLOTS)
    shards[number] = fresh
    return fresh
  }

  const insert = (number: number, a: number, b: number, c: number) => {
    const shard = shardAt(number)
    const at = find(shard, a, b, c)
    if (shard.words[at] !== 0) return false
    size++
    if (shard.used + 1 > shard.slots * MAX_LOAD) {
      const grown = grow(shard, target)
      shards[number] = grown
      store(grown, a, b, c)
    } else {
      put(shard, at, a, b, c)
    }
    return true
  }

  return {
    add: (hash) => insert(shardOf(hash), word(hash, 4) || 1, word(hash, 8), word(hash, 12)),
    addBytes: (bytes, offset) => {
      const number = bytes[offset]! | ((bytes[offset + 1]! & 3) << 8)
      const a = wordAt(bytes, offset + 4) || 1
      return insert(number, a, wordAt(bytes, offset + 8), wordAt(bytes, offset + 12))
    },
    has: (hash) => {
      const shard = shards[shardOf(hash)]
      if (!shard) return false
      return shard.words[find(shard, word(hash, 4) || 1, word(hash, 8), word(hash, 12))] !== 0
    },
    delete: (hash) => {
      const shard = shards[shardOf(hash)]
      if (!shard) return
      const at = find(shard, word(hash, 4) || 1, word(hash, 8), word(hash, 12))
      if (shard.words[at] === 0) return
      remove(shard, at)
      size--
    },
    size: () => size,
    bytes: () => shards.reduce((sum, shard) => sum + (shard?.words.byteLength ?? 0), 0),
  }
}

function shardOf(hash: string): number {
  return hash.charCodeAt(0) | ((hash.charCodeAt(1) & 3) << 8)
}

function word(hash: string, at: number): number {
  return (
    (hash.charCodeAt(at) |
      (hash.charCodeAt(at + 1) << 8) |
      (hash.charCodeAt(at + 2) << 16) |
      (hash.charCodeAt(at + 3) << 24)) >>>
    0
  )
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  )
}

function emptyShard(slots: number): Shard {
  return { words: new Uint32Array(slots * WORDS), slots, used: 0 }
}

/** Where a key would stand by its first word alone: the word's share of 2^32, so that any number of slots will do. */
function home(shard: Shard, a: number): number {
  return Math.floor((a * shard.slots) / TWO_32) * WORDS
}

/** Index of the key's first word, or of the empty slot where it belongs. */
function find(shard: Shard, a: number, b: number, c: number): number {
  const { words } = shard
  let at = home(shard, a)
  while (words[at] !== 0) {
    if (words[at] === a && words[at + 1] === b && words[at + 2] === c) return at
    at += WORDS
    if (at === words.length) at = 0
  }
  return at
}

function put(shard: Shard, at: number, a: number, b: number, c: number): void {
  shard.words[at] = a
  shard.words[at + 1] = b
  shard.words[at + 2] = c
  shard.used++
}

function store(shard: Shard, a: number, b: number, c: number): void {
  put(shard, find(shard, a, b, c), a, b, c)
}

/** Slots for a shard's share of the expected ids and four standard deviations more: hardly any shard will need more. */
function targetSlots(expected: number): number {
  const share = expected / SHARDS
  return Math.ceil((share + 4 * Math.sqrt(share)) / MAX_LOAD)
}

function grow(shard: Shard, target: number): Shard {
  const next = Math.ceil(shard.slots * GROWTH) + 1
  const isLast = shard.slots < target && next * GROWTH > target
  const grown = emptyShard(isLast ? target : next)
  const { words } = shard
  for (let at = 0; at < words.length; at += WORDS) {
    if (words[at] !== 0) store(grown, words[at]!, words[at + 1]!, words[at + 2]!)
  }
  return grown
}

/** Closes the gap: what was pushed past it by probing moves back, so that no search ends too early. */
function remove(shard: Shard, gap: number): void {
  const { words } = shard
  let hole = gap
  let at = next(words, hole)
  while (words[at] !== 0) {
    const wanted = home(shard, words[at]!)
    // Cyclic distance from its home: an entry may move into the hole only if the hole does not lie before its home.
    if (distance(words, wanted, at) >= distance(words, hole, at)) {
      words.copyWithin(hole, at, at + WORDS)
      hole = at
    }
    at = next(words, at)
  }
  words[hole] = 0
  shard.used--
}

function next(words: Uint32Array, at: number): number {
  return at + WORDS === words.length ? 0 : at + WORDS
}

function distance(words: Uint32Array, from: number, to: number): number {
  return to >= from ? to - from : to - from + words.length
}
