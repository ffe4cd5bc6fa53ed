import { ShoplakeError } from '../errors.ts'
import type { Key } from '../ports.ts'

/** A token bucket per key, in events. */
export interface RateLimit {
  /**
   * Takes one for a request. Returns the RateLimit headers. Throws rate_limited, with the seconds until one is back.
   * Source: draft-ietf-httpapi-ratelimit-headers-11; `t` is the time until the bucket is full.
   */
  take(key: Key): { readonly [name: string]: string }
  /**
   * Takes what a request turned out to hold beyond the one. The bucket may fall below zero: a request is never half
   * taken, the next ones wait. Returns the headers as they are now.
   */
  charge(key: Key, events: number): { readonly [name: string]: string }
}

interface Bucket {
  tokens: number
  /** Milliseconds since 1970 of the last refill. */
  at: number
  readonly rate: number
  readonly capacity: number
  readonly policy: string
}

export interface RateDefaults {
  readonly rate_events_per_s: number
  readonly rate_burst_events: number
}

/** Buckets exist for known keys only; idle ones are dropped beyond `maxKeys`, so that revoked keys leave nothing behind. */
export function createRateLimit(
  defaults: RateDefaults,
  now: () => number,
  maxKeys = 10_000,
): RateLimit {
  const buckets = new Map<string, Bucket>()

  const bucketOf = (key: Key): Bucket => {
    const rate = key.rate ?? defaults.rate_events_per_s
    const capacity = rate + (key.burst ?? defaults.rate_burst_events)
    const known = buckets.get(key.name)
    const at = now()
    if (known && known.rate === rate && known.capacity === capacity) return refill(known, at)
    if (buckets.size >= maxKeys) dropFull(buckets, at)
    const policy = `"events";q=${capacity};w=${Math.ceil(capacity / rate)}`
    const fresh = { tokens: known ? Math.min(known.tokens, capacity) : capacity, at, rate }
    const bucket = { ...fresh, capacity, policy }
    buckets.set(key.name, bucket)
    return bucket
  }

  return {
    take(key) {
      const bucket = bucketOf(key)
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1
        return rateHeaders(bucket)
      }
      const seconds = Math.max(1, Math.ceil((1 - bucket.tokens) / bucket.rate))
      throw new RateRefusal(key.name, seconds, rateHeaders(bucket))
    },
    charge(key, events) {
      const bucket = bucketOf(key)
      bucket.tokens -= events
      return rateHeaders(bucket)
    },
  }
}

/** rate_limited with the headers that tell how long. */
export class RateRefusal extends ShoplakeError {
  readonly headers: { readonly [name: string]: string }

  constructor(key: string, seconds: number, headers: { readonly [name: string]: string }) {
    super('rate_limited', `key "${key}" has sent all it may; try again in ${seconds} s`, {
      retryAfterS: seconds,
    })
    this.headers = headers
  }
}

function refill(bucket: Bucket, at: number): Bucket {
  // A clock that was set back refills nothing.
  const elapsed_s = Math.max(0, at - bucket.at) / 1000
  bucket.tokens = Math.min(bucket.capacity, bucket.tokens + elapsed_s * bucket.rate)
  bucket.at = at
  return bucket
}

function dropFull(buckets: Map<string, Bucket>, at: number): void {
  for (const [name, bucket] of buckets) {
    if (refill(bucket, at).tokens === bucket.capacity) buckets.delete(name)
  }
}

function rateHeaders(bucket: Bucket): { [name: string]: string } {
  const remaining = Math.max(0, Math.floor(bucket.tokens))
  const full_s = Math.ceil((bucket.capacity - bucket.tokens) / bucket.rate)
  return {
    'ratelimit-policy': bucket.policy,
    ratelimit: `"events";r=${remaining};t=${full_s}`,
  }
}
