import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { SETTINGS } from '../../src/config.ts'
import { openLmdbStream } from '../../src/local/lmdb-stream.ts'
import { NO_METRICS } from '../../src/metrics.ts'
import { batches, CONTRACT_BUCKETS, type StreamFixture, streamContract } from './stream.ts'
import { streamSinkContract } from './stream-sink.ts'

const config = {
  stream_max_bytes: SETTINGS.stream_max_bytes.default,
  stream_hours: SETTINGS.stream_hours.default,
  disk_reserve_bytes: 0,
}

for (const [name, segmentMaxBytes] of [
  ['lmdb', 256_000_000],
  ['lmdb, a new segment every few records', 1],
] as const) {
  const create = async (): Promise<StreamFixture> => {
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
  }
  streamContract(name, create)
  streamSinkContract(name, async () => {
    const fixture = await create()
    let { stream } = fixture
    return {
      sink: stream,
      records: async (bucket) =>
        (await batches(stream, bucket, 0, 100_000_000)).flatMap((batch) => batch.records),
      async reopen() {
        stream = await fixture.reopen()
        return stream
      },
      destroy: fixture.destroy,
    }
  })
}
