import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { SETTINGS } from '../../src/config.ts'
import { openLmdbStream } from '../../src/local/lmdb-stream.ts'
import { NO_METRICS } from '../../src/metrics.ts'
import { CONTRACT_BUCKETS, streamContract } from './stream.ts'

const config = {
  stream_max_bytes: SETTINGS.stream_max_bytes.default,
  stream_hours: SETTINGS.stream_hours.default,
  disk_reserve_bytes: 0,
}

for (const [name, segmentMaxBytes] of [
  ['lmdb', 256_000_000],
  ['lmdb, a new segment every few records', 1],
] as const) {
  streamContract(name, async () => {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'shoplake-stream-'))
    const openIt = () =>
      openLmdbStream({
        directory,
        buckets: CONTRACT_BUCKETS,
        config,
        metrics: NO_METRICS,
        now: Date.now,
        segmentMaxBytes,
      })
    let stream = await openIt()
    return {
      stream,
      async reopen() {
        await stream.close()
        stream = await openIt()
        return stream
      },
      async destroy() {
        await stream.close()
        await rm(directory, { recursive: true })
      },
    }
  })
}
