import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ShoplakeError } from '../errors.ts'
import { NO_METRICS } from '../metrics.ts'
import { bytesOf } from './lmdb-segment.ts'
import { type LmdbStream, openLmdbStream } from './lmdb-stream.ts'
import type { LmdbStreamOptions } from './stream-tail.ts'

const HOUR_MS = 3_600_000
const START = Date.UTC(2025, 0, 15)

describe('lmdb stream', () => {
  let directory: string
  let clock: number
  let free: number
  let opened: LmdbStream[]

  beforeEach(async () => {
    directory = await mkdtemp(path.join(os.tmpdir(), 'shoplake-stream-'))
    clock = START
    free = 1e12
    opened = []
  })

  afterEach(async () => {
    await Promise.all(opened.map((stream) => stream.close()))
    await rm(directory, { recursive: true })
  })

  async function open(options: Partial<LmdbStreamOptions> = {}): Promise<LmdbStream> {
    const stream = await openLmdbStream({
      directory: path.join(directory, 'stream'),
      buckets: 2,
      config: { stream_max_bytes: 100_000_000, stream_hours: 48, disk_reserve_bytes: 1_000_000 },
      metrics: NO_METRICS,
      now: () => clock,
      freeBytes: () => free,
      ...options,
    })
    opened.push(stream)
    return stream
  }

  const segmentNames = () =>
    readdirSync(path.join(directory, 'stream'))
      .filter((name) => !name.startsWith('mutex'))
      .sort()

  test('sequences go on over segments and restarts, and all of it is read as one', async () => {
    let stream = await open({ segmentMaxBytes: 60_000 })
    for (let index = 1; index <= 40; index++) {
      if (index % 15 === 0) {
        await stream.close()
        stream = await open({ segmentMaxBytes: 60_000 })
      }
      const answer = await stream.append([{ bucket: 1, data: Buffer.alloc(9000, `${index};`) }])
      expect(answer).toEqual([{ sequence: index }])
    }
    expect(segmentNames().length).toBeGreaterThan(3)
    expect(await sequences(stream, 1)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
    expect(await sequences(stream, 1, 33)).toEqual([34, 35, 36, 37, 38, 39, 40])
    expect(stream.bytes()).toBe(diskBytes(path.join(directory, 'stream')))
  })

  test('a segment is followed by the next at its age, not while it is empty', async () => {
    const stream = await open()
    clock += 5 * HOUR_MS
    await stream.trim([])
    await stream.append([record(0, 'a')])
    expect(segmentNames()).toEqual(['00000001'])
    await stream.append([record(0, 'b')])
    clock += HOUR_MS - 1
    await stream.trim([])
    await stream.append([record(0, 'c')])
    expect(segmentNames()).toEqual(['00000001', '00000002'])
    expect(await sequences(stream, 0)).toEqual([1, 2, 3])
  })

  test('what a crash leaves of a segment on its way in or out is removed', async () => {
    const stream = await open()
    await stream.append([record(0, 'kept')])
    await stream.close()
    const root = path.join(directory, 'stream')
    for (const name of ['new-00000002', 'old-00000000', '00000002']) {
      mkdirSync(path.join(root, name))
      writeFileSync(path.join(root, name, 'lock.mdb'), '')
    }
    writeFileSync(path.join(root, 'new-00000002', 'data.mdb'), Buffer.alloc(5000, 7))
    const again = await open()
    expect(segmentNames()).toEqual(['00000001'])
    expect(await sequences(again, 0)).toEqual([1])
    expect(await again.append([record(0, 'next')])).toEqual([{ sequence: 2 }])
  })

  test('trim deletes whole segments that all have passed and that are old enough', async () => {
    const stream = await open({ segmentMaxBytes: 1 })
    for (let index = 1; index <= 6; index++) await stream.append([record(0, `${index}`)])
    clock += 47 * HOUR_MS
    await stream.append([record(0, '7')])
    await stream.trim([
      [7, 0],
      [7, 0],
    ])
    expect(stream.tails()).toEqual([1, 1])

    clock += HOUR_MS
    await stream.trim([
      [7, 0],
      [3, 0],
    ])
    expect(stream.tails()).toEqual([4, 1])
    await stream.trim([])
    expect(stream.tails()).toEqual([4, 1])
    await stream.trim([
      [7, 0],
      [7, 0],
    ])
    expect(stream.tails()[0]).toBeGreaterThan(5)
    expect(stream.heads()).toEqual([7, 0])
    expect(segmentNames().some((name) => name.startsWith('old-'))).toBe(false)
  })

  test('bytes that cannot be deleted hold nobody up, are counted, and go with a later trim', async () => {
    let isStuck = true
    const counted: string[] = []
    const stuck: Partial<LmdbStreamOptions> = {
      segmentMaxBytes: 1,
      metrics: { ...NO_METRICS, add: (name) => counted.push(name) },
      removeDirectory: async (target) => {
        if (isStuck && target.endsWith('1')) throw new Error('EBUSY: resource busy')
        await rm(target, { recursive: true })
      },
    }
    const stream = await open(stuck)
    for (let index = 1; index <= 3; index++) await stream.append([record(0, `${index}`)])
    clock += 48 * HOUR_MS
    await stream.append([record(0, '4')])
    const passed = [[2, 0]] as const
    await expect(stream.trim(passed)).rejects.toThrow('EBUSY')
    expect(segmentNames().filter((name) => /[12]$/.test(name))).toEqual(['old-00000001'])
    expect(stream.tails()).toEqual([3, 1])
    expect(await stream.append([record(0, '5')])).toEqual([{ sequence: 5 }])
    await expect(stream.trim(passed)).rejects.toThrow('EBUSY')
    expect(counted).toEqual(Array(2).fill('shoplake_stream_trim_failures_total'))
    const all = segmentNames().filter((name) => /^(old-)?\d{8}$/.test(name))
    const sizes = all.map((name) => bytesOf(path.join(directory, 'stream', name)))
    expect(stream.bytes()).toBe(sizes.reduce((sum, size) => sum + size, 0))
    await stream.close()

    const again = await open(stuck)
    expect(counted).toHaveLength(3)
    expect(await again.append([record(0, '6')])).toEqual([{ sequence: 6 }])
    expect(segmentNames()).toContain('old-00000001')
    isStuck = false
    await again.trim(passed)
    expect(segmentNames()).not.toContain('old-00000001')
    expect(await sequences(again, 0, 2)).toEqual([3, 4, 5, 6])
  })

  test('trims that overlap are one, and appends go on beside them', async () => {
    const stream = await open({ segmentMaxBytes: 1 })
    for (let index = 1; index <= 8; index++) await stream.append([record(0, `${index}`)])
    clock += 100 * HOUR_MS
    const passed = [[8, 0]]
    const outcomes = await Promise.all([
      stream.trim(passed),
      stream.append([record(0, '9')]),
      stream.trim(passed),
      stream.append([record(0, '10')]),
    ])
    expect(outcomes[3]).toEqual([{ sequence: 10 }])
    expect(await sequences(stream, 0, 8)).toEqual([9, 10])
    expect(stream.tails()[0]).toBeGreaterThan(7)
  })

  test('trim closes an old segment by itself, so that its records can go though nothing is written', async () => {
    const stream = await open()
    await stream.append([record(0, 'personal')])
    clock += 2 * HOUR_MS
    await stream.trim([[1, 0]])
    expect(segmentNames()).toEqual(['00000001', '00000002'])
    clock += 48 * HOUR_MS
    await stream.trim([[1, 0]])
    expect(segmentNames()).toEqual(['00000002'])
    expect(stream.tails()).toEqual([2, 1])
    await stream.close()
    const again = await open()
    expect(await again.append([record(0, 'later')])).toEqual([{ sequence: 2 }])
  })

  test('full of unconsumed records it refuses before the bound, and goes on after trim', async () => {
    const config = { stream_max_bytes: 10_000_000, stream_hours: 48, disk_reserve_bytes: 0 }
    const stream = await open({ config })
    const errors: ShoplakeError[] = []
    let appended = 0
    while (errors.length === 0) {
      await stream.append([{ bucket: 0, data: Buffer.alloc(100_000, 'x') }]).then(
        () => appended++,
        (error: ShoplakeError) => errors.push(error),
      )
    }
    expect(errors[0]?.code).toBe('stream_full')
    expect(errors[0]?.retryAfterS).toBeGreaterThan(0)
    expect(diskBytes(path.join(directory, 'stream'))).toBeLessThanOrEqual(10_000_000)
    expect(appended).toBeGreaterThan(70)

    await stream.trim([
      [0, 0],
      [appended, 0],
    ])
    expect(stream.tails()).toEqual([1, 1])
    await stream.trim([
      [appended, 0],
      [appended, 0],
    ])
    expect(await stream.append([record(0, 'room')])).toEqual([{ sequence: appended + 1 }])
  })

  test('at the disk reserve it refuses with Retry-After, and goes on when space returns', async () => {
    const stream = await open()
    free = 1_000_000
    clock += 1000
    const refused = await stream.append([record(0, 'a')]).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'disk_full', retryAfterS: 10, retryable: true })
    expect(stream.heads()).toEqual([0, 0])
    expect(stream.writable()).toMatchObject({ ok: false, code: 'disk_full' })
    free = 2_000_000
    clock += 1000
    expect(await stream.append([record(0, 'a')])).toEqual([{ sequence: 1 }])
  })

  test('between two looks at the disk what was written counts against it', async () => {
    free = 1_600_000
    const stream = await open()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, () =>
        stream.append([{ bucket: 0, data: Buffer.alloc(50_000, 'x') }]),
      ),
    )
    const taken = outcomes.filter((outcome) => outcome.status === 'fulfilled').length
    expect(taken).toBeGreaterThan(0)
    expect(taken * 50_000).toBeLessThan(600_000)
  })

  test('listeners are told of each append until they end it', async () => {
    const stream = await open()
    let calls = 0
    const end = stream.onAppend(() => calls++)
    await stream.append([record(0, 'a')])
    await Promise.resolve()
    expect(calls).toBe(1)
    end()
    await stream.append([record(0, 'b')])
    expect(calls).toBe(1)
  })

  test('another number of buckets than the directory has is refused', async () => {
    await (await open()).close()
    await expect(open({ buckets: 3 })).rejects.toMatchObject({ code: 'config_invalid' })
  })

  test('a clock that leaps and is set back takes no record early and keeps none for ever', async () => {
    const stream = await open({ segmentMaxAgeMs: HOUR_MS })
    const passed = () => stream.trim([stream.heads()])
    await stream.append([record(0, 'before')])
    clock = START + 90 * HOUR_MS
    await stream.append([record(0, 'leapt')])
    clock = START + HOUR_MS / 2
    await stream.append([record(0, 'back')])
    expect(segmentNames()).toHaveLength(3)
    await passed()
    expect(await sequences(stream, 0)).toEqual([1, 2, 3])
    clock = START + 49 * HOUR_MS
    await passed()
    expect(await sequences(stream, 0)).toEqual([3])
  })

  test('a reader follows a writer over new and deleted segments', async () => {
    const reader = await open({ readOnly: true })
    expect(reader.heads()).toEqual([0, 0])
    const stream = await open({ segmentMaxBytes: 1 })
    for (let index = 1; index <= 12; index++) {
      await stream.append([record(1, `${index}`)])
      expect(reader.heads()).toEqual([0, index])
      expect(await sequences(reader, 1, index - 1)).toEqual([index])
    }
    clock += 100 * HOUR_MS
    await stream.trim([[0, 9]])
    expect(reader.tails()).toEqual([1, 10])
    expect(await sequences(reader, 1, 0)).toEqual([10, 11, 12])
    await expect(reader.append([record(0, 'x')])).rejects.toMatchObject({
      code: 'stream_unavailable',
    })
    expect(existsSync(path.join(directory, 'stream', '00000001'))).toBe(false)
  })
})

function record(bucket: number, value: string): { bucket: number; data: Uint8Array } {
  return { bucket, data: Buffer.from(value) }
}

async function sequences(stream: LmdbStream, bucket: number, after = 0): Promise<number[]> {
  const found: number[] = []
  for await (const batch of stream.read('inspect', bucket, after, 1_000_000)) {
    found.push(...batch.records.map((one) => one.sequence))
  }
  return found
}

function diskBytes(directory: string): number {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  const files = names
    .filter((name) => !name.startsWith('mutex'))
    .map((name) => statSync(path.join(directory, name)))
  return files.filter((file) => file.isFile()).reduce((sum, file) => sum + file.size, 0)
}
