import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createStoreUpdater, type StoreUpdater } from '../consume/store.ts'
import { openLmdbStore } from '../local/lmdb-store.ts'
import { openLmdbStream } from '../local/lmdb-stream.ts'
import { ageClockOf } from './age-clock.ts'
import { PREDECESSOR_MS, report, runChild } from './child.ts'
import { BUCKETS } from './collect-parts.ts'
import { awaitExclusive } from './exclusive.ts'
import { layoutOf } from './paths.ts'
import { createPrometheus } from './prometheus.ts'
import { readSecret } from './secret.ts'
import { type Log, steadyLog, whyOf } from './steady-log.ts'

/** How often the collect process is told what is going on, and how large a part of the time that may take at most. */
const TELL_MS = 250
const TELL_SHARE = 0.02
/** Well below the time after which a stop becomes a kill. */
const CATCH_UP_MS = 15_000

/** Writes the store, so that projecting events never keeps one from being accepted; may be killed at any moment without a loss. */
runChild('store', async ({ config }, childLog) => {
  const log = steadyLog(childLog)
  const layout = layoutOf(config.data_dir)
  const release = await awaitExclusive(path.join(layout.run, 'store.lock'), PREDECESSOR_MS)
  for (const directory of [layout.stream, layout.store]) mkdirSync(directory, { recursive: true })
  const { metrics, snapshot } = createPrometheus('store')
  const store = await openLmdbStore({
    directory: layout.store,
    buckets: BUCKETS,
    disk_reserve_bytes: config.disk_reserve_bytes,
  })
  const stream = await openLmdbStream({
    directory: layout.stream,
    buckets: BUCKETS,
    config,
    metrics,
    now: Date.now,
    readOnly: true,
  })
  const secret = readSecret(layout.secret)
  const updater = createStoreUpdater({
    stream,
    store,
    config,
    secret,
    metrics,
    now: Date.now,
    ageNow: ageClockOf(layout.stream),
    onRetry: (error) => log.warn(whyOf(error), 'the store cannot take events now; it tries again'),
  })
  updater.start()
  const telling = tellLive(updater)
  return {
    onWake: updater.wake,
    answer: (question) =>
      question.of === 'metrics' ? snapshot() : updater.document(question.table, question.key),
    async stop() {
      telling.stop()
      await catchUp(updater, log)
      await updater.stop()
      await store.close()
      await stream.close()
      release()
    },
  }
})

/** Accepting has ended: what was acknowledged last is to be in the documents, too. The rest is read at the next start. */
async function catchUp(updater: StoreUpdater, log: Log): Promise<void> {
  const patience = new AbortController()
  const outOfTime = sleep(CATCH_UP_MS, false, { signal: patience.signal })
  const isDone = await Promise.race([updater.settled().then(() => true), outOfTime])
  if (isDone) return patience.abort()
  log.warn({}, 'the last events go to the store at the next start')
}

function tellLive(updater: StoreUpdater): { stop(): void } {
  let timer: NodeJS.Timeout | undefined
  const tell = () => {
    const began = performance.now()
    report({ kind: 'live', live: updater.liveNow() })
    const took_ms = performance.now() - began
    timer = setTimeout(tell, Math.max(TELL_MS, took_ms / TELL_SHARE))
  }
  tell()
  return { stop: () => clearTimeout(timer) }
}
