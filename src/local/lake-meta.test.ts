import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EVENT_TYPES } from '../schema/registry.ts'
import { type LakeMeta, openLakeMeta } from './lake-meta.ts'

let directory: string
let opened: LakeMeta[]
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'shoplake-meta-'))
  opened = []
})
afterEach(async () => {
  for (const meta of opened) await meta.close()
  await rm(directory, { recursive: true })
})

function openMeta(readOnly = false): LakeMeta {
  const meta = openLakeMeta({ directory: path.join(directory, 'lake-meta'), readOnly, buckets: 2 })
  opened.push(meta)
  return meta
}

const delta = (minute: number, in_lake: number) =>
  ({ source: 'web', event_type: 'page_view', minute, counts: { in_lake } }) as const

test('a reader that comes first sees nothing, then what was committed', async () => {
  const reader = openMeta(true)
  expect(reader.files()).toEqual([])
  expect(reader.checkpoints().get('page_view')).toEqual([0, 0])
  const writer = openMeta()
  await writer.commit({
    checkpoints: new Map(EVENT_TYPES.map((type) => [type, [3, 4]])),
    ledger: [delta(7, 2), delta(7, 3), delta(8, 1)],
  })
  await reader.follow()
  expect(reader.snapshot(7, 8)).toEqual({
    ledger: [delta(7, 5)],
    checkpoints: new Map(EVENT_TYPES.map((type) => [type, [3, 4]])),
  })
})

/** Makes the environment and some of its databases in a process of its own, as the lake process does. */
const MAKE = `
  import { open } from 'lmdb'
  const [path, ...names] = process.argv.slice(1)
  const root = open({ path, noSubdir: false, maxDbs: 8 })
  const databases = names.map((name) => root.openDB({ name }))
  await databases.at(-1)?.put('generation', 3)
  await root.close()`

test('a reader bears an environment whose databases are not made yet', async () => {
  const make = (...names: string[]) => {
    const place = path.join(directory, 'lake-meta')
    execFileSync(process.execPath, ['--input-type=module', '-e', MAKE, place, ...names])
  }
  make()
  const reader = openMeta(true)
  expect(reader.checkpoints().get('page_view')).toEqual([0, 0])
  expect(reader.ledger(0, 10)).toEqual([])
  make('files', 'state')
  await reader.follow()
  expect(reader.generation()).toBe(0)
  make('ledger', 'refused', 'tombstones', 'state')
  await reader.follow()
  expect(reader.generation()).toBe(3)
})

test('a type without a checkpoint of its own starts at the lowest of the others', async () => {
  const meta = openMeta()
  await meta.commit({
    checkpoints: new Map([
      ['search', [9, 4]],
      ['page_view', [7, 5]],
    ]),
  })
  expect(meta.checkpoints().get('order_paid')).toEqual([7, 4])
})

test('rolling up keeps every sum', async () => {
  const meta = openMeta()
  const now = 200 * 86_400_000
  const minutes = [0, 1, 1441, 195 * 1440 - 1, 150 * 1440, 150 * 1440 + 59, 199 * 1440 + 7]
  await meta.commit({ ledger: minutes.map((minute) => delta(minute, 1)) })
  await meta.rollUp(now)
  await meta.rollUp(now)
  expect(meta.ledger(0, Number.MAX_SAFE_INTEGER)).toEqual([
    delta(0, 2),
    delta(1440, 1),
    delta(150 * 1440, 2),
    delta(195 * 1440 - 1, 1),
    delta(199 * 1440 + 7, 1),
  ])
})

test('refused rows are listed newest first, in pages', async () => {
  const meta = openMeta()
  const entry = (id: string) => ({
    id,
    event_type: 'page_view' as const,
    source: 'web',
    received_at: 1,
    bucket: 0,
    sequence: 1,
    digest: id,
  })
  await meta.commit({ refused: ['a', 'b', 'c'].map(entry) })
  expect(meta.refused({ limit: 2 }).map(({ id }) => id)).toEqual(['c', 'b'])
  expect(meta.refused({ limit: 2, after: 'b' }).map(({ id }) => id)).toEqual(['a'])
})
