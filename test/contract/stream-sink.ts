import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ShoplakeError } from '../../src/errors.ts'
import type { StreamSink } from '../../src/ports.ts'

/** A fresh stream of four buckets, and what stands in it. */
export interface StreamSinkFixture {
  readonly sink: StreamSink
  /** Records of a bucket in the order in which consumers meet them. */
  records(bucket: number): Promise<{ sequence: number | string; data: Uint8Array }[]>
  /** Closes the sink and opens it over the same data again, as after a restart. */
  reopen(): Promise<StreamSink>
  destroy(): Promise<void>
}

/** What every adapter of the StreamSink port must do: the embedded stream and the distributed ones. */
export function streamSinkContract(name: string, create: () => Promise<StreamSinkFixture>): void {
  describe(`stream sink contract: ${name}`, () => {
    let fixture: StreamSinkFixture
    let sink: StreamSink

    beforeEach(async () => {
      fixture = await create()
      sink = fixture.sink
    })
    afterEach(() => fixture.destroy())

    const texts = async (bucket: number) =>
      (await fixture.records(bucket)).map(({ data }) => Buffer.from(data).toString())

    test('what was appended is read back byte for byte, also a large record', async () => {
      const large = Buffer.alloc(1_000_000, 'xyz')
      const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
      for (const data of [all, large, Buffer.from([0])]) await sink.append([{ bucket: 2, data }])
      const read = await fixture.records(2)
      expect(read).toHaveLength(3)
      expect(Buffer.compare(read[0]!.data, all)).toBe(0)
      expect(Buffer.compare(read[1]!.data, large)).toBe(0)
      expect([...read[2]!.data]).toEqual([0])
      expect(await texts(1)).toEqual([])
    })

    test('sequences of a bucket grow, are those of its records, and order stays over a restart', async () => {
      const sequences: (number | string)[] = []
      for (let index = 1; index <= 5; index++) {
        const [first] = await sink.append([text(0, `v${index}`), text(3, `w${index}`)])
        sequences.push(first!.sequence)
        expect((await texts(0)).at(-1)).toBe(`v${index}`)
      }
      const again = await fixture.reopen()
      const [sixth] = await again.append([text(0, 'v6')])
      sequences.push(sixth!.sequence)
      expect(await texts(0)).toEqual(['v1', 'v2', 'v3', 'v4', 'v5', 'v6'])
      expect(await texts(3)).toEqual(['w1', 'w2', 'w3', 'w4', 'w5'])
      const read = (await fixture.records(0)).map((record) => record.sequence)
      expect(read).toEqual(sequences)
      for (const [index, sequence] of read.entries()) {
        if (index > 0) expect(sequence > read[index - 1]!).toBe(true)
      }
    })

    test('concurrent appends: none is lost, none comes twice, each answer has its own sequences', async () => {
      const count = 100
      const answers = await Promise.all(
        Array.from({ length: count }, (_, index) =>
          sink.append([text(index % 4, `r${index}`), text((index + 1) % 4, `r${index}`)]),
        ),
      )
      for (let bucket = 0; bucket < 4; bucket++) {
        const records = await fixture.records(bucket)
        expect(records).toHaveLength(count / 2)
        const bySequence = new Map(
          records.map(({ sequence, data }) => [sequence, Buffer.from(data).toString()]),
        )
        answers.forEach((answer, index) => {
          const at = [index % 4, (index + 1) % 4].indexOf(bucket)
          if (at === -1) return
          expect(bySequence.get(answer[at]!.sequence)).toBe(`r${index}`)
        })
      }
    })

    test('after close an append is refused with a retryable code, and what was under way is kept', async () => {
      const waiting = sink.append([text(0, 'last')])
      await sink.close()
      await waiting
      const error = await sink.append([text(0, 'late')]).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(ShoplakeError)
      expect((error as ShoplakeError).retryable).toBe(true)
      await fixture.reopen()
      expect(await texts(0)).toEqual(['last'])
    })
  })
}

function text(bucket: number, value: string): { bucket: number; data: Uint8Array } {
  return { bucket, data: Buffer.from(value) }
}
