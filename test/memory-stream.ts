import { ShoplakeError } from '../src/errors.ts'
import type { Batch, Stream, StreamRecord } from '../src/ports.ts'

/** A stream in memory for tests of what stands before and behind it; `gate` and `failing` steer its appends. */
export interface MemoryStream extends Stream {
  readonly records: StreamRecord[]
  readonly appends: number
  /** The next append waits for it. */
  gate: Promise<void> | undefined
  /** Appends reject with it while it is set. */
  failing: Error | undefined
  /** Drops the first `count` records of every bucket, as retention does. */
  trim(count: number): void
}

export function createMemoryStream(buckets = 16): MemoryStream {
  const stored: Uint8Array[][] = Array.from({ length: buckets }, () => [])
  const first = Array.from({ length: buckets }, () => 1)
  const records: StreamRecord[] = []
  const stream = {
    buckets,
    records,
    appends: 0,
    gate: undefined as Promise<void> | undefined,
    failing: undefined as Error | undefined,
    async append(added: readonly StreamRecord[]) {
      const gate = stream.gate
      stream.gate = undefined
      await gate
      if (stream.failing) throw stream.failing
      if (new Set(added.map((record) => record.bucket)).size !== added.length) {
        throw new ShoplakeError('internal', 'two records of one bucket in one append')
      }
      stream.appends++
      records.push(...added)
      return added.map(({ bucket, data }) => {
        stored[bucket]!.push(data)
        return { sequence: stored[bucket]!.length }
      })
    },
    async *read(
      _: unknown,
      bucket: number,
      after: number,
      maxBytes: number,
    ): AsyncGenerator<Batch> {
      const start = Math.max(after + 1, first[bucket]!)
      for (let next = start; next <= stored[bucket]!.length; ) {
        const from = next
        const found: { sequence: number; data: Uint8Array }[] = []
        for (let bytes = 0; next <= stored[bucket]!.length; next++) {
          const data = stored[bucket]![next - 1]!
          bytes += data.byteLength
          if (found.length > 0 && bytes > maxBytes) break
          found.push({ sequence: next, data })
        }
        yield { bucket, first: from, last: next - 1, records: found }
      }
    },
    heads: () => stored.map((bucket) => bucket.length),
    tails: () => [...first],
    trim(count: number) {
      for (let bucket = 0; bucket < buckets; bucket++) {
        first[bucket] = Math.min(stored[bucket]!.length, first[bucket]! - 1 + count) + 1
      }
    },
    async close() {},
  }
  return stream
}
