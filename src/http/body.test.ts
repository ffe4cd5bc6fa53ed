import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createInflight, type InflightShare, mediaType, readBody } from './body.ts'
import type { Call } from './call.ts'

/** A call whose body comes in chunks, with or without a stated length. */
function callOf(chunks: readonly Uint8Array[], headers: { [name: string]: string } = {}) {
  let read = 0
  const call = {
    header: (name: string) => headers[name],
    async *chunks() {
      for (const chunk of chunks) {
        read += chunk.length
        yield chunk
      }
    },
    whole: async () => Buffer.concat(chunks),
  } as Partial<Call> as Call
  return { call, read: () => read }
}

const KB = new Uint8Array(1000)

describe('readBody', () => {
  it('stops reading at the bound', async () => {
    const chunks = Array.from({ length: 1000 }, () => KB)
    const { call, read } = callOf(chunks)
    const share = createInflight(1e9).open()
    await expect(readBody(call, 5000, share)).rejects.toMatchObject({ code: 'too_large' })
    expect(read()).toBe(6000)
  })

  it('reads nothing when the stated length is beyond the bound', async () => {
    const { call, read } = callOf([KB], { 'content-length': '11000000' })
    await expect(readBody(call, 5000, createInflight(1e9).open())).rejects.toMatchObject({
      code: 'too_large',
    })
    expect(read()).toBe(0)
  })

  it('takes exactly the bound, in one piece or many', async () => {
    for (const headers of [{}, { 'content-length': '3000' }]) {
      const { call } = callOf([KB, KB, KB], headers)
      expect((await readBody(call, 3000, createInflight(1e9).open())).length).toBe(3000)
    }
  })

  it('inflates gzip and refuses what grows beyond the bound', async () => {
    const small = callOf([gzipSync('{"a":1}')], { 'content-encoding': 'gzip' })
    const body = await readBody(small.call, 5000, createInflight(1e9).open())
    expect(Buffer.from(body).toString()).toBe('{"a":1}')
    const bomb = callOf([gzipSync(new Uint8Array(50_000_000))], { 'content-encoding': 'GZIP' })
    await expect(readBody(bomb.call, 10_000_000, createInflight(1e9).open())).rejects.toMatchObject(
      { code: 'too_large' },
    )
  })

  it.each([
    ['cut off', gzipSync('{"event_type":"page_view"}').subarray(0, 20)],
    ['not gzip', Buffer.from('{"event_type":"page_view"}')],
    ['empty', Buffer.alloc(0)],
    ['damaged', gzipSync('x'.repeat(5000)).fill(7, 12, 20)],
  ])('gzip that is %s is malformed_json', async (_name, bytes) => {
    const { call } = callOf([bytes], { 'content-encoding': 'gzip' })
    await expect(readBody(call, 5000, createInflight(1e9).open())).rejects.toMatchObject({
      code: 'malformed_json',
    })
  })

  it('takes no other encoding', async () => {
    for (const encoding of ['br', 'deflate', 'gzip, gzip', 'zstd']) {
      const { call } = callOf([KB], { 'content-encoding': encoding })
      await expect(readBody(call, 5000, createInflight(1e9).open())).rejects.toMatchObject({
        code: 'unsupported_encoding',
      })
    }
  })
})

describe('createInflight', () => {
  it('refuses beyond the bound and gives everything back', async () => {
    const inflight = createInflight(2500)
    const first = inflight.open()
    const second = inflight.open()
    await readBody(callOf([KB, KB]).call, 5000, first)
    await expect(readBody(callOf([KB]).call, 5000, second)).rejects.toMatchObject({
      code: 'overloaded',
    })
    first.close()
    second.close()
    expect(inflight.bytes()).toBe(0)
    await readBody(callOf([KB, KB]).call, 5000, inflight.open())
  })

  it('counts what is inflated as it grows, so that many bodies at once stay within the bound', async () => {
    const inflight = createInflight(3_000_000)
    const bytes = gzipSync(new Uint8Array(999_000))
    let largest = 0
    const kept: InflightShare[] = []
    const inflate = async () => {
      const share = inflight.open()
      const add = (count: number) => {
        largest = Math.max(largest, count)
        share.add(count)
      }
      try {
        const { call } = callOf([bytes], { 'content-encoding': 'gzip' })
        await readBody(call, 1_000_000, { ...share, add })
        kept.push(share)
      } catch (error) {
        share.close()
        throw error
      }
    }
    for (const outcome of await Promise.allSettled(Array.from({ length: 40 }, inflate))) {
      if (outcome.status === 'fulfilled') continue
      expect(outcome.reason).toMatchObject({ code: 'overloaded', retryAfterS: 1 })
    }
    expect(largest).toBeLessThan(100_000)
    expect(kept.length).toBeGreaterThanOrEqual(1)
    expect(kept.length).toBeLessThanOrEqual(3)
    for (const share of kept) share.close()
    expect(inflight.bytes()).toBe(0)
  })
})

describe('mediaType', () => {
  it('leaves parameters out', () => {
    expect(mediaType('Application/JSON; charset=utf-8')).toBe('application/json')
    expect(mediaType('')).toBeUndefined()
    expect(mediaType(undefined)).toBeUndefined()
  })
})
