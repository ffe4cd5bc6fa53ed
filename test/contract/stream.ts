import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Batch, Stream } from '../../src/ports.ts'

/** A fresh stream of four buckets. `reopen` closes it and opens the same data again, as after a restart. */
export interface StreamFixture {
  readonly stream: Stream
  reopen(): Promise<Stream>
  destroy(): Promise<void>
}

export const CONTRACT_BUCKETS = 4

/** What every adapter of the Stream port must do. */
export function streamContract(name: string, create: () => Promise<StreamFixture>): void {
  describe(`stream contract: ${name}`, () => {
    let fixture: StreamFixture
    let stream: Stream

    beforeEach(async () => {
      fixture = await create()
      stream = fixture.stream
    })

    afterEach(async () => {
      await fixture.destroy()
    })

    test('an empty stream has heads 0 and tails 1 and nothing to read', async () => {
      expect(stream.buckets).toBe(CONTRACT_BUCKETS)
      expect(stream.heads()).toEqual([0, 0, 0, 0])
      expect(stream.tails()).toEqual([1, 1, 1, 1])
      expect(await batches(stream, 0)).toEqual([])
    })

    test('sequences of a bucket grow by one from 1, each bucket by itself', async () => {
      expect(await stream.append([text(1, 'a'), text(3, 'b')])).toEqual([
        { sequence: 1 },
        { sequence: 1 },
      ])
      expect(await stream.append([text(3, 'c')])).toEqual([{ sequence: 2 }])
      expect(stream.heads()).toEqual([0, 1, 0, 2])
      expect(stream.tails()).toEqual([1, 1, 1, 1])
    })

    test('an acknowledged append is visible at once and after a restart', async () => {
      for (let index = 1; index <= 5; index++) {
        await stream.append([text(0, `v${index}`)])
        expect((await texts(stream, 0)).at(-1)).toBe(`v${index}`)
      }
      const again = await fixture.reopen()
      expect(await texts(again, 0)).toEqual(['v1', 'v2', 'v3', 'v4', 'v5'])
      expect(again.heads()).toEqual([5, 0, 0, 0])
      expect(await again.append([text(0, 'v6')])).toEqual([{ sequence: 6 }])
    })

    test('batches are cut at maxBytes, and one larger record stands alone', async () => {
      for (const size of [40, 40, 40, 500, 10])
        await stream.append([{ bucket: 0, data: Buffer.alloc(size, 'x') }])
      const found = await batches(stream, 0, 0, 100)
      expect(found.flatMap((batch) => batch.records.map((record) => record.sequence))).toEqual([
        1, 2, 3, 4, 5,
      ])
      for (const { bucket, first, last, records } of found) {
        expect([bucket, records[0]!.sequence, records.at(-1)!.sequence]).toEqual([0, first, last])
        const bytes = records.reduce((sum, record) => sum + record.data.length, 0)
        expect(bytes <= 100 || records.length === 1).toBe(true)
      }
      expect(found.find((batch) => batch.last === 4)?.first).toBe(4)
    })

    test('reading starts after a sequence and ends at the head that it saw', async () => {
      for (const value of ['a', 'b', 'c']) await stream.append([text(1, value)])
      expect(await texts(stream, 1, 1)).toEqual(['b', 'c'])
      expect(await texts(stream, 1, 3)).toEqual([])
      const reading = stream.read('store', 1, 0, 1)[Symbol.asyncIterator]()
      expect((await reading.next()).value.last).toBe(1)
      await stream.append([text(1, 'd')])
      expect((await reading.next()).value.last).toBe(2)
      expect((await reading.next()).value.last).toBe(3)
      expect((await reading.next()).done).toBe(true)
      expect(await texts(stream, 1, 3)).toEqual(['d'])
    })

    test('concurrent appends: no sequence twice, none missing, each requests records together', async () => {
      const count = 200
      const answers = await Promise.all(
        Array.from({ length: count }, (_, index) =>
          stream.append([text(index % 4, `r${index}`), text((index + 1) % 4, `r${index}`)]),
        ),
      )
      const seen = new Map<string, number>()
      for (let bucket = 0; bucket < 4; bucket++) {
        const found = await texts(stream, bucket)
        expect(found).toHaveLength(count / 2)
        answers.forEach((answer, index) => {
          if (index % 4 === bucket) expect(found[answer[0]!.sequence - 1]).toBe(`r${index}`)
        })
        for (const value of found) seen.set(value, (seen.get(value) ?? 0) + 1)
      }
      expect(seen.size).toBe(count)
      expect(new Set(seen.values())).toEqual(new Set([2]))
    })

    test('a reader beside writers sees each bucket whole and in order, and never half a request', async () => {
      const total = 120
      const writing = Promise.all(
        Array.from({ length: 6 }, async (_, writer) => {
          for (let index = writer; index < total; index += 6) {
            await stream.append([text(0, `${index}`), text(2, `${index}`)])
          }
        }),
      )
      let done = false
      const finished = writing.then(() => {
        done = true
      })
      let position = 0
      while (!done || position < total) {
        const heads = stream.heads()
        expect(heads[0]).toBe(heads[2])
        for await (const batch of stream.read('lake', 0, position, 200)) {
          expect(batch.first).toBe(position + 1)
          position = batch.last
        }
        await new Promise((resolve) => setImmediate(resolve))
      }
      await finished
      expect(position).toBe(total)
      expect(await texts(stream, 0)).toEqual(await texts(stream, 2))
    })

    test('buffers of a batch stay as they were while the stream goes on', async () => {
      await stream.append([text(0, 'first')])
      const [batch] = await batches(stream, 0)
      for (let index = 0; index < 50; index++) await stream.append([text(0, `other ${index}`)])
      await batches(stream, 0)
      expect(Buffer.from(batch!.records[0]!.data).toString()).toBe('first')
    })
  })
}

function text(bucket: number, value: string): { bucket: number; data: Uint8Array } {
  return { bucket, data: Buffer.from(value) }
}

export async function batches(
  stream: Stream,
  bucket: number,
  after = 0,
  maxBytes = 1_000_000,
): Promise<Batch[]> {
  const found: Batch[] = []
  for await (const batch of stream.read('inspect', bucket, after, maxBytes)) found.push(batch)
  return found
}

/** Records of a bucket as text, in order. */
export async function texts(stream: Stream, bucket: number, after = 0): Promise<string[]> {
  const found = await batches(stream, bucket, after)
  return found.flatMap((batch) =>
    batch.records.map((record) => Buffer.from(record.data).toString()),
  )
}
