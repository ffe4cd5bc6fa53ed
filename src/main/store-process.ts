import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { createStoreUpdater, type StoreUpdater } from '../consume/store.ts'
import { openLmdbStore } from '../local/lmdb-store.ts'
import { openLmdbStream } from '../local/lmdb-stream.ts'
import { PREDECESSOR_MS, report, runChild } from './child.ts'
import { BUCKETS } from './collect-parts.ts'
import { awaitExclusive } from './exclusive.ts'
import { layoutOf } from './paths.ts'
import { createPrometheus } from './prometheus.ts'
import { readSecret } from './secret.ts'

/** How often the collect process is told what is going on. */
const TELL_MS = 250

/** Writes the store, so that projecting events never keeps one from being accepted; may be killed at any moment without a loss. */
runChild('store', async ({ config }) => {
  const layout = layoutOf(config.data_dir)
  const release = await awaitExclusive(path.join(layout.run, 'store.lock'), PREDECESSOR_MS)
  for (const directory of [layout.stream, layout.store]) mkdirSync(directory, { recursive: true })
  const { metrics, snapshot } = createPrometheus('store')
  const store = await openLmdbStore({ directory: layout.store, buckets: BUCKETS })
  const stream = await openLmdbStream({
    directory: layout.stream,
    buckets: BUCKETS,
    config,
    metrics,
    now: Date.now,
    readOnly: true,
  })
  const secret = readSecret(layout.secret)
  const updater = createStoreUpdater({ stream, store, config, secret, metrics, now: Date.now })
  updater.start()
  const telling = tellLive(updater)
  return {
    onWake: updater.wake,
    metrics: snapshot,
    async stop() {
      clearInterval(telling)
      await updater.stop()
      await store.close()
      await stream.close()
      release()
    },
  }
})

function tellLive(updater: StoreUpdater): NodeJS.Timeout {
  const tell = () => report({ kind: 'live', live: updater.liveNow() })
  tell()
  return setInterval(tell, TELL_MS)
}
