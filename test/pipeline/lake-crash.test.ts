import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LakeStep } from '../../src/local/lake-core.ts'
import { UNFINISHED } from '../../src/local/lake-files.ts'
import { sums } from '../contract/lake.ts'
import {
  type LakeHome,
  makeLakeHome,
  type OpenLake,
  orderLine,
  rowLines,
  span,
  views,
} from '../lake-fixture.ts'

const STEPS: readonly LakeStep[] = ['encoded', 'published', 'switching', 'recorded', 'visible']

/** Stops at the n-th time that a step is reached: throws, or never goes on, as a killed process does not. */
function stopper() {
  let plan: { step: LakeStep; after: number; how: 'throw' | 'freeze' } | undefined
  let reached: (() => void) | undefined
  return {
    arm(step: LakeStep, after: number, how: 'throw' | 'freeze'): Promise<void> {
      plan = { step, after, how }
      return new Promise((resolve) => {
        reached = resolve
      })
    },
    step(step: LakeStep): void | Promise<void> {
      if (plan?.step !== step || plan.after-- > 0) return
      const { how } = plan
      plan = undefined
      reached?.()
      if (how === 'throw') throw new Error(`stopped at ${step}`)
      return new Promise(() => {})
    },
  }
}

/** Sixty rows go straight to Parquet, one waits in memory. */
const CONFIG = {
  lake_flush_rows: 100,
  lake_flush_s: 60,
  lake_direct_rows: 10,
  lake_compact_files: 2,
  lake_days: 0,
}

const ROWS = {
  product_view: views('direct', 60),
  order_created: rowLines([orderLine('hot')]),
}

async function filesOnDisk(home: LakeHome): Promise<string[]> {
  const names = await readdir(path.join(home.directory, 'lake'), { recursive: true })
  return names.filter((name) => name.endsWith('.parquet')).sort()
}

describe('a lake writer that stops', () => {
  let home: LakeHome
  beforeEach(async () => {
    home = await makeLakeHome()
  })
  afterEach(() => home.remove())

  const total = async (open: OpenLake) =>
    Number((await open.query('SELECT count(*) FROM events'))[0]![0])

  /** What must be so however it stopped: reading again from the checkpoint gives every row once. */
  async function expectOnceAfterReopening(): Promise<void> {
    const open = await home.open({ config: CONFIG })
    expect(await filesOnDisk(home)).toEqual(
      open.lake
        .files()
        .map((file) => file.path)
        .sort(),
    )
    const first = open.lake.checkpoint()[0]! + 1
    if (first === 1) await open.lake.commit([span(0, 1)], ROWS)
    expect(await total(open)).toBe(61)
    await open.lake.flush()
    expect(await total(open)).toBe(61)
    expect(open.lake.checkpoint()[0]).toBe(1)
    expect(sums(open.meta.ledger(0, Number.MAX_SAFE_INTEGER))).toEqual({ in_lake: 61 })
    await open.close()
    const again = await home.open({ config: CONFIG })
    expect(await total(again)).toBe(61)
    expect(await filesOnDisk(home)).toHaveLength(again.lake.files().length)
  }

  test.each(STEPS)('killed at %s of a commit loses and doubles nothing', async (step) => {
    const stops = stopper()
    const open = await home.open({ step: stops.step, config: CONFIG })
    const stopped = stops.arm(step, 0, 'freeze')
    void open.lake.commit([span(0, 1)], ROWS)
    await stopped
    await expectOnceAfterReopening()
  })

  test.each(STEPS)('killed at %s of a flush loses and doubles nothing', async (step) => {
    const stops = stopper()
    const open = await home.open({ step: stops.step, config: CONFIG })
    await open.lake.commit([span(0, 1)], ROWS)
    const stopped = stops.arm(step, 0, 'freeze')
    void open.lake.flush()
    await stopped
    await expectOnceAfterReopening()
  })

  test.each(['encoded', 'published', 'switching'] as const)(
    'an error at %s changes nothing, and the same call then succeeds',
    async (step) => {
      const stops = stopper()
      const open = await home.open({ step: stops.step, config: CONFIG })
      void stops.arm(step, 0, 'throw')
      await expect(open.lake.commit([span(0, 1)], ROWS)).rejects.toMatchObject({
        code: 'lake_unavailable',
      })
      expect(await total(open)).toBe(0)
      expect(open.lake.checkpoint()[0]).toBe(0)
      expect(await open.lake.commit([span(0, 1)], ROWS)).toBe('applied')
      expect(await total(open)).toBe(61)
      await open.lake.flush()
      expect(sums(open.meta.ledger(0, Number.MAX_SAFE_INTEGER))).toEqual({ in_lake: 61 })
      await open.close()
      await expectOnceAfterReopening()
    },
  )

  test('an error between books and view breaks the lake until it is opened again', async () => {
    const stops = stopper()
    const open = await home.open({ step: stops.step, config: CONFIG })
    void stops.arm('recorded', 0, 'throw')
    await expect(open.lake.commit([span(0, 1)], ROWS)).rejects.toMatchObject({ code: 'internal' })
    await expect(open.lake.commit([span(0, 1)], ROWS)).rejects.toMatchObject({ code: 'internal' })
    await expectOnceAfterReopening()
  })

  test('books that cannot be written change nothing, and the same call then succeeds', async () => {
    const open = await home.open({ config: CONFIG })
    const { commit } = open.meta
    open.meta.commit = async () => {
      open.meta.commit = commit
      throw new Error('No space left on device')
    }
    await expect(open.lake.commit([span(0, 1)], ROWS)).rejects.toMatchObject({
      code: 'lake_unavailable',
    })
    expect(await filesOnDisk(home)).toEqual([])
    expect(await open.lake.commit([span(0, 1)], ROWS)).toBe('applied')
    await expectOnceAfterReopening()
  })

  test.each([
    ['are on disk all the same', true],
    ['can be read no more', false],
  ])('books that failed but %s break the lake, and no file goes', async (_, isOnDisk) => {
    const open = await home.open({ config: CONFIG })
    const { commit, generation } = open.meta
    const panic = () => {
      throw new Error('MDB_PANIC: Update of meta page failed or environment had fatal error')
    }
    open.meta.commit = async (change) => {
      if (isOnDisk) await commit(change)
      else open.meta.generation = panic
      throw new Error('Input/output error')
    }
    await expect(open.lake.commit([span(0, 1)], ROWS)).rejects.toMatchObject({ code: 'internal' })
    expect(await filesOnDisk(home)).toHaveLength(1)
    Object.assign(open.meta, { commit, generation })
    await expect(open.lake.commit([span(0, 1)], ROWS)).rejects.toMatchObject({ code: 'internal' })
    await expectOnceAfterReopening()
  })

  test.each(STEPS)('killed at %s of a merge loses and doubles nothing', async (step) => {
    const stops = stopper()
    const open = await home.open({ step: stops.step, config: CONFIG })
    for (let sequence = 1; sequence <= 3; sequence++) {
      await open.lake.commit([span(0, sequence)], {
        product_view: views(`${sequence}-`, 20, { sequence }),
      })
    }
    expect(open.lake.files()).toHaveLength(3)
    const stopped = stops.arm(step, 0, 'freeze')
    void open.lake.maintain()
    await stopped
    const again = await home.open({ config: CONFIG })
    expect(await total(again)).toBe(60)
    expect(again.lake.checkpoint()[0]).toBe(3)
    expect(sums(again.meta.ledger(0, Number.MAX_SAFE_INTEGER))).toEqual({ in_lake: 60 })
    expect(await filesOnDisk(home)).toEqual(
      again.lake
        .files()
        .map((file) => file.path)
        .sort(),
    )
  })

  test.each(['encoded', 'published', 'switching'] as const)(
    'an error at %s of a merge leaves nothing behind',
    async (step) => {
      const stops = stopper()
      const open = await home.open({ step: stops.step, config: CONFIG })
      for (let sequence = 1; sequence <= 2; sequence++) {
        await open.lake.commit([span(0, sequence)], {
          product_view: views(`${sequence}-`, 20, { sequence }),
        })
      }
      const before = await filesOnDisk(home)
      void stops.arm(step, 0, 'throw')
      await expect(open.lake.maintain()).rejects.toMatchObject({ code: 'lake_unavailable' })
      expect(await filesOnDisk(home)).toEqual(before)
      expect(await readdir(path.join(home.directory, 'lake', UNFINISHED))).toEqual([])
      await open.lake.maintain()
      expect(open.lake.files()).toHaveLength(1)
    },
  )

  test('lake.sql shows what is in files to any DuckDB, from anywhere', async () => {
    const open = await home.open({
      config: CONFIG,
      models: [{ name: 'buyers', sql: 'SELECT 1 AS one' }],
    })
    await open.lake.commit([span(0, 1)], ROWS)
    await open.close()
    const text = await readFile(path.join(home.directory, 'lake.sql'), 'utf8')
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    const statements = await connection.extractStatements(text)
    for (let index = 0; index < statements.count; index++) {
      await (await statements.prepare(index)).run()
    }
    const rows = await connection.runAndReadAll(
      'SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM order_paid), (SELECT one FROM buyers)',
    )
    expect(rows.getRowsJson()).toEqual([['61', '0', 1]])
    connection.closeSync()
    instance.closeSync()
  })
})
