/**
 * The bucket of a partition key: 32-bit FNV-1a over its UTF-8 bytes, mixed by MurmurHash3's finaliser, modulo the number
 * of buckets. Fixed for ever: order within a bucket, checkpoints and the other home's state all rest on it.
 */
export function bucketOf(key: string, buckets: number): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < key.length; at++) {
    const code = key.charCodeAt(at)
    if (code > 127) return finish(hashBytes(key), buckets)
    hash = Math.imul(hash ^ code, 0x01000193)
  }
  return finish(hash, buckets)
}

function hashBytes(key: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(key)) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash
}

function finish(hash: number, buckets: number): number {
  let mixed = hash ^ (hash >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  mixed ^= mixed >>> 16
  return (mixed >>> 0) % buckets
}
