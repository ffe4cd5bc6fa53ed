import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { ShoplakeError } from '../../src/errors.ts'
import type { Positions, Store, StreamRecord } from '../../src/ports.ts'
import { simulate } from '../../src/simulator/simulate.ts'
import { openDoor } from '../door-fixture.ts'
import { createMemoryStream } from '../memory-stream.ts'
import {
  catchUp,
  countMetrics,
  dumpStore,
  ledgerSums,
  openStore,
  openUpdater,
  recordOf,
} from './store-fixture.ts'
import { rowOf } from './store-rows.ts'

const FROM = Date.parse('2025-01-20T00:00:00Z')
const TO = Date.parse('2025-01-26T00:00:00Z')
const now = () => TO

/** A store whose writes all fail from some moment on, as to a process that is killed; the last one may still arrive. */
function mortal(store: Store) {
  const life = { dead: false, lastWordsArrive: false }
  const dying = async <T>(write: () => Promise<T>): Promise<T> => {
    if (!life.dead) return write()
    if (life.lastWordsArrive) await write()
    life.lastWordsArrive = false
    throw new ShoplakeError('store_unavailable', 'killed')
  }
  const killable: Store = {
    ...store,
    apply: (...args) => dying(() => store.apply(...args)),
    change: (changes) => dying(() => store.change(changes)),
  }
  return { life, killable }
}

async function committed(store: Store, heads: Positions): Promise<void> {
  while (store.checkpoint().join() !== heads.join()) await sleep(1)
}

async function streamOfAWeek() {
  const { stream, door } = openDoor({}, { now })
  const events = [...simulate({ seed: 8, from: FROM, to: TO, sessions_per_day: 60, products: 30 })]
  const requests: StreamRecord[][] = []
  let told = 0
  for (let at = 0; at < events.length; at += 20) {
    const values = events.slice(at, at + 20).map(({ event }) => event)
    const rest = { received_at: TO, request_id: `r${at}` }
    await door.collectValues(values, { ...rest, source: { name: 'shop', kind: 'server' } })
    requests.push(stream.records.slice(told))
    told = stream.records.length
  }
  return { stream, requests }
}

describe('changes that wait for a later commit', () => {
  it('are in the store once, whenever the process is killed', async () => {
    const { stream: whole, requests } = await streamOfAWeek()
    const [twin, { store, remove }] = [await openStore(), await openStore()]
    await catchUp(whole, twin.store, now)
    const stream = createMemoryStream()
    let killedWaiting = 0
    for (let next = 0; next < requests.length; ) {
      const { life, killable } = mortal(store)
      const settings = { store_commit_ms: 0 }
      const updater = openUpdater(stream, killable, now, countMetrics(), settings)
      updater.start()
      for (const end = next + 2 + (next % 7); next < Math.min(end, requests.length); next++) {
        await stream.append(requests[next]!)
        updater.wake()
        await committed(store, stream.heads())
      }
      if (store.redo().join() !== store.checkpoint().join()) killedWaiting++
      life.lastWordsArrive = next % 2 === 0
      life.dead = next < requests.length
      if (life.dead) {
        await stream.append(requests[next++]!)
        updater.wake()
        await sleep(5)
      }
      await updater.stop()
    }
    expect(killedWaiting).toBeGreaterThan(10)
    expect(store.redo()).toEqual(store.checkpoint())
    expect(dumpStore(store)).toEqual(dumpStore(twin.store))
    expect(ledgerSums(store)).toEqual(ledgerSums(twin.store))
    await twin.remove()
    await remove()
  })

  it('are answered from memory until the store has them', async () => {
    const { store, remove } = await openStore()
    const stream = createMemoryStream()
    const metrics = countMetrics()
    // Nothing but the end makes such changes leave.
    const patience = { few: 0, wait_ms: Number.POSITIVE_INFINITY, most: 100 }
    const updater = openUpdater(stream, store, now, metrics, { store_commit_ms: 0 }, patience)
    updater.start()
    await stream.append([
      { bucket: 0, data: recordOf([rowOf('page_view', 0, { session_id: 'v1', page_url: '/' })]) },
    ])
    updater.wake()
    await committed(store, stream.heads())
    expect(store.get('sessions', 'v1')).toBeUndefined()
    expect(updater.document('sessions', 'v1')).toMatchObject({ session_id: 'v1', page_views: 1 })
    expect(updater.document('sessions', 'v2')).toBeUndefined()
    await updater.settled()
    expect(store.get('sessions', 'v1')).toMatchObject({ session_id: 'v1', page_views: 1 })
    await updater.stop()
    await remove()
  })
})
