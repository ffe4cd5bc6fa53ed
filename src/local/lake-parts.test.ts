import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RowLine } from '../ports.ts'
import { planCompaction, planComparison } from './lake-compaction.ts'
import { planErase } from './lake-erase.ts'
import type { LakeFile } from './lake-files.ts'
import { createLeases, createLock } from './lake-leases.ts'
import { addCounts, createTally, keptMinute } from './lake-ledger.ts'
import { dayKey, routeRows } from './lake-rows.ts'
import { lakeError, writeLines } from './parquet.ts'

const NOW = Date.parse('2025-06-01T12:00:00Z')

function file(name: string, rows: number, facts: Partial<LakeFile> = {}): LakeFile {
  return {
    path: name,
    event_type: 'page_view',
    dt: '2025-06-01',
    rows,
    bytes: rows * 40,
    min_received_at: NOW,
    max_received_at: NOW,
    generation: 1,
    created_at: NOW,
    schema: 's',
    tombstones: 0,
    unchecked_from: 0,
    ...facts,
  }
}

function row(line: string, place: Partial<RowLine> = {}): RowLine {
  return {
    line: Buffer.from(line),
    bucket: 0,
    sequence: 1,
    source: 'web',
    received_at: NOW,
    dedup_from: 0,
    ...place,
  }
}

const nameOf = ({ path: name }: LakeFile) => name

describe('planComparison', () => {
  const unchecked = (name: string, rows: number, facts: Partial<LakeFile> = {}) =>
    file(name, rows, { min_received_at: NOW, unchecked_from: NOW - 1000, ...facts })
  const old = (rows: number) => file(`old${rows}`, rows, { min_received_at: NOW - 5000 })
  const namesOf = (files: readonly LakeFile[] | undefined) => files?.map(({ path: name }) => name)

  test('takes files together that cannot hold an id of each other, against all that were received before', () => {
    const later = unchecked('c', 10, { min_received_at: NOW + 9000, unchecked_from: NOW + 8000 })
    const inWindow = file('w', 10, { min_received_at: NOW - 500 })
    const files = [old(40), old(50), inWindow, unchecked('a', 10), unchecked('b', 10), later]
    const found = planComparison(files, NOW)
    expect(namesOf(found?.files)).toEqual(['a', 'b'])
    expect(namesOf(found?.older)).toEqual(['old40', 'old50'])
  })

  test('takes a file alone that is older than its own bound', () => {
    const wide = unchecked('a', 10, { unchecked_from: NOW + 1 })
    const found = planComparison([old(40), wide, unchecked('b', 10)], NOW)
    expect(namesOf(found?.files)).toEqual(['a'])
    expect(namesOf(found?.older)).toEqual(['old40', 'b'])
  })

  test('waits until it is worth it, ten minutes at most', () => {
    const files = [old(1000), unchecked('a', 10)]
    expect(planComparison(files, NOW)).toBeUndefined()
    expect(planComparison([...files, unchecked('b', 40)], NOW)?.files).toHaveLength(2)
    expect(planComparison(files, NOW + 600_000)?.files).toHaveLength(1)
    expect(planComparison([old(1000)], NOW)).toBeUndefined()
  })
})

describe('planCompaction', () => {
  test('waits for a full tier, of one type and day', () => {
    const seven = Array.from({ length: 7 }, (_, index) => file(`a${index}`, 500))
    expect(planCompaction(seven, 8, NOW)).toBeUndefined()
    expect(planCompaction([...seven, file('b', 500, { dt: '2025-06-02' })], 8, NOW)).toBeUndefined()
    expect(planCompaction([...seven, file('b', 900)], 8, NOW)).toHaveLength(8)
  })

  test('leaves full files alone, and never makes one far above full', () => {
    const full = Array.from({ length: 20 }, (_, index) => file(`a${index}`, 2_000_000))
    expect(planCompaction(full, 8, NOW)).toBeUndefined()
    const large = Array.from({ length: 9 }, (_, index) => file(`a${index}`, 900_000))
    expect(planCompaction(large, 8, NOW)).toHaveLength(2)
  })

  test('tidies a settled day up, but not a large file for the sake of a small one', () => {
    const created_at = NOW - 3_600_000
    const pair = [file('a', 500, { created_at }), file('b', 700, { created_at })]
    expect(planCompaction(pair, 8, NOW)).toHaveLength(2)
    const unequal = [file('a', 5, { created_at }), file('b', 700_000, { created_at })]
    expect(planCompaction(unequal, 8, NOW)).toBeUndefined()
  })

  test('rewrites a row about log(rows) times, and always ends', () => {
    let files: LakeFile[] = []
    let written = 0
    for (let flush = 0; flush < 1000; flush++) {
      files.push(file(`f${flush}`, 1000))
      for (;;) {
        const merged = planCompaction(files, 8, NOW)
        if (!merged) break
        const rows = merged.reduce((sum, each) => sum + each.rows, 0)
        written += rows
        files = [...files.filter((each) => !merged.includes(each)), file(`m${written}`, rows)]
      }
    }
    expect(files.reduce((sum, each) => sum + each.rows, 0)).toBe(1_000_000)
    expect(written / 1_000_000).toBeLessThan(5)
    expect(files.length).toBeLessThan(40)
  })
})

test('an erase looks first through what is the furthest behind, of one type', () => {
  const behind = [2, 0, 1].map((tombstones) => file(`f${tombstones}`, 5, { tombstones }))
  const other = file('o', 5, { event_type: 'search', tombstones: 1 })
  const plan = (tombstones: number) => planErase([...behind, other], tombstones).map(nameOf)
  expect(plan(3)).toEqual(['f0', 'f1', 'f2'])
  expect(plan(2)).toEqual(['f0', 'f1'])
  expect(plan(0)).toEqual([])
  const many = Array.from({ length: 200 }, (_, index) => file(`${index}`, 5, { tombstones: 1 }))
  const first = planErase([...many, ...behind], 2).map(nameOf)
  expect([first.length, first[0]]).toEqual([64, 'f0'])
})

describe('leases', () => {
  test('a retired file waits for the leases taken before it went, not for later ones', async () => {
    const removed: string[] = []
    const leases = createLeases(async (name) => void removed.push(name))
    const first = leases.lease()
    leases.retire(['a'], 0, 0)
    const second = leases.lease()
    await leases.sweep(1)
    expect(removed).toEqual([])
    first()
    first()
    await leases.sweep(1)
    expect(removed).toEqual(['a'])
    leases.retire(['b'], 0, 10)
    second()
    await leases.sweep(9)
    expect(leases.waiting()).toEqual(['b'])
    await leases.sweep(10)
    expect(removed).toEqual(['a', 'b'])
  })

  test('a file that is named again is not deleted', async () => {
    const removed: string[] = []
    const leases = createLeases(async (name) => void removed.push(name))
    leases.retire(['a', 'b'], 0, 0)
    leases.retire(['a'], 0, 0)
    leases.revive('a')
    await leases.sweep(1)
    expect(removed).toEqual(['b'])
  })

  test('a file that cannot be deleted holds up no other', async () => {
    const removed: string[] = []
    const stuck = new Set(['a', 'c'])
    const leases = createLeases(async (name) => {
      if (stuck.has(name)) throw new Error(`${name} is stuck`)
      removed.push(name)
    })
    leases.retire(['a', 'b', 'c', 'd'], 0, 0)
    await expect(leases.sweep(1)).rejects.toThrow('a is stuck')
    expect(removed).toEqual(['b', 'd'])
    expect(leases.waiting()).toEqual(['a', 'c'])
    stuck.clear()
    await leases.sweep(1)
    expect(leases.waiting()).toEqual([])
  })

  test('the lock runs one after the other, also after a failure', async () => {
    const lock = createLock()
    const seen: string[] = []
    const work = (name: string) =>
      lock(async () => {
        seen.push(`${name}+`)
        await new Promise((resolve) => setImmediate(resolve))
        seen.push(`${name}-`)
        if (name === 'a') throw new Error('a')
      })
    const failing = expect(work('a')).rejects.toThrow('a')
    await Promise.all([failing, work('b')])
    expect(seen).toEqual(['a+', 'a-', 'b+', 'b-'])
  })
})

describe('ledger', () => {
  test('sums and drops zeros', () => {
    const counts = { in_lake: 2 }
    addCounts(counts, { in_lake: -2, expired: 2 })
    expect(counts).toEqual({ expired: 2 })
    const tally = createTally()
    const delta = { source: 's', event_type: 'page_view', minute: 5 } as const
    tally.add({ ...delta, counts: { in_lake: 1 } })
    tally.add({ ...delta, counts: { in_lake: 2, duplicate_late: 1 } })
    expect(tally.deltas()).toEqual([{ ...delta, counts: { in_lake: 3, duplicate_late: 1 } }])
  })

  test('minutes become hours after a week and days after ninety', () => {
    const now = 100 * 1440 + 600
    expect(keptMinute(now - 1440, now)).toBe(now - 1440)
    expect(keptMinute(80 * 1440 + 61, now)).toBe(80 * 1440 + 60)
    expect(keptMinute(5 * 1440 + 61, now)).toBe(5 * 1440)
  })
})

describe('rows', () => {
  test('the day is read from the first occurred_at key, whatever the event_id holds', () => {
    const id = '"occurred_at":"1999-01-01'
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'grapheme', maxLength: 100 }), fc.constant(id)),
        fc.date({
          min: new Date('0001-01-01'),
          max: new Date('9999-12-31T23:59:59.999Z'),
          noInvalidDate: true,
        }),
        (event_id, date) => {
          const occurred_at = date.toISOString()
          const line = JSON.stringify({ event_id, occurred_at, extra: { occurred_at: '1' } })
          expect(dayKey(Buffer.from(line))).toBe(
            Number(occurred_at.slice(0, 10).replaceAll('-', '')),
          )
        },
      ),
    )
    for (const bad of [
      '',
      '{}',
      '{"occurred_at":"2025/01/01T"}',
      '{"occurred_at":5,"x":"yyyyyyyy"}',
    ]) {
      expect(dayKey(Buffer.from(bad))).toBe(-1)
    }
  })

  test('routes new rows by day and counts them by source and minute', () => {
    const line = (day: string) => `{"event_id":"a","occurred_at":"${day}T00:00:00.000Z"}`
    const routed = routeRows(
      'page_view',
      [
        row(line('2025-01-01'), { dedup_from: 5 }),
        row(line('2025-01-02'), { received_at: NOW + 60_000 }),
        row(line('2025-01-01'), { source: 'app', received_at: NOW - 1 }),
        row(line('2025-01-01'), { sequence: 9 }),
      ],
      (each) => each.sequence !== 9,
    )
    expect(routed.days.map((day) => [day.dt, day.rows.length])).toEqual([
      ['2025-01-01', 2],
      ['2025-01-02', 1],
    ])
    expect(routed.days[0]).toMatchObject({ min_received_at: NOW - 1, max_received_at: NOW })
    expect(routed).toMatchObject({ min_received_at: NOW - 1, dedup_from: 5, misfit: undefined })
    expect(routed.tally.deltas()).toHaveLength(3)
  })
})

describe('lines', () => {
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(path.join(os.tmpdir(), 'shoplake-lines-'))
  })
  afterAll(() => rm(directory, { recursive: true }))

  test('lines of one buffer and of many, short and long, are written as they are', async () => {
    const target = path.join(directory, 'lines')
    const texts = ['a', '', 'bc', 'x'.repeat(1_100_000), 'd', 'y'.repeat(1_048_575), 'ö']
    const shared = Buffer.from(`${texts.join('\n')}\n`)
    let offset = 0
    const views = texts.map((text) => {
      const line = shared.subarray(offset, offset + Buffer.byteLength(text))
      offset += line.length + 1
      return { line }
    })
    const apart = texts.map((text) => ({ line: Buffer.from(text) }))
    const swapped = [views[2]!, views[0]!, views[1]!]
    for (const rows of [views, apart, swapped, []]) {
      const written = await writeLines(target, rows)
      const expected = rows.map(({ line }) => `${line.toString()}\n`).join('')
      expect(await readFile(target, 'utf8')).toBe(expected)
      expect(written).toBe(Buffer.byteLength(expected))
    }
  })

  test('errors are told apart: the row, the disk, the engine', () => {
    const code = (message: string) => lakeError(new Error(message)).code
    expect(code('Invalid Input Error: JSON transform error in file')).toBe('encoder_refused')
    expect(code('Conversion Error: Could not convert')).toBe('encoder_refused')
    expect(code('IO Error: Could not write all bytes: No space left on device')).toBe(
      'lake_unavailable',
    )
    expect(code('Out of Memory Error: could not allocate block')).toBe('lake_unavailable')
    expect(code('ENOSPC: no space left on device, write')).toBe('lake_unavailable')
    expect(code('FATAL Error: database has been invalidated')).toBe('internal')
  })
})
