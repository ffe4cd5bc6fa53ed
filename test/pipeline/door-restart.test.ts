import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLmdbStream } from '../../src/local/lmdb-stream.ts'
import { NO_METRICS } from '../../src/metrics.ts'
import { createDedupWindow } from '../../src/pipeline/dedup.ts'
import { rebuildWindow } from '../../src/pipeline/dedup-rebuild.ts'
import { EVENT_TYPES, EVENTS } from '../../src/schema/registry.ts'
import { DEFAULTS, lettersOf, NOON, openDoor, REQUEST, rowsOf } from '../door-fixture.ts'

const DAY_MS = 86_400_000
const EXAMPLES = EVENT_TYPES.map((type) => EVENTS[type].example)

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'shoplake-door-'))
})
afterEach(() => rm(directory, { recursive: true }))

/** Opens stream, window and door as the collect process does at its start. */
async function start() {
  const now = () => NOON
  const stream = await openLmdbStream({
    directory,
    buckets: 16,
    config: DEFAULTS,
    metrics: NO_METRICS,
    now,
  })
  const window = createDedupWindow({ maxIds: 100_000, windowMs: DAY_MS, now })
  await rebuildWindow(window, stream, NOON, DAY_MS)
  const { door } = openDoor({}, { stream, window })
  return { stream, window, door }
}

test('what was acknowledged before a restart is a duplicate after it', async () => {
  const first = await start()
  const body = Buffer.from(JSON.stringify([...EXAMPLES, { event_type: 'oops' }]))
  const answer = await first.door.collect({ ...REQUEST, body })
  expect(answer).toMatchObject({ accepted: EXAMPLES.length, rejected: 1 })
  await first.stream.close()

  const second = await start()
  const named = EXAMPLES.filter((event) => EVENTS[event.event_type as 'search'].natural_key)
  expect(second.window.size).toBe(EXAMPLES.length)
  expect(second.window.from()).toBe(0)
  const again = await second.door.collectValues(named, REQUEST)
  expect(again).toMatchObject({ accepted: 0, duplicates: named.length })
  expect(named.length).toBeGreaterThan(5)

  const records = []
  for (let bucket = 0; bucket < second.stream.buckets; bucket++) {
    for await (const batch of second.stream.read('inspect', bucket, 0, 1_000_000)) {
      records.push(...batch.records.map(({ data }) => ({ bucket, data })))
    }
  }
  expect(
    rowsOf(records)
      .map(({ type }) => type)
      .toSorted(),
  ).toEqual([...EVENT_TYPES].toSorted())
  expect(lettersOf(records)).toMatchObject([{ reason: 'unknown_event_type', index: 20 }])
  await second.stream.close()
})
