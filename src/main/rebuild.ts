import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Config } from '../config.ts'
import { type RebuildReport, rebuildStore } from '../consume/rebuild-store.ts'
import { openDuckdb } from '../local/duckdb.ts'
import { openLakeMeta } from '../local/lake-meta.ts'
import { lakeRows, scanLake } from '../local/lake-scan.ts'
import { openLmdbStore } from '../local/lmdb-store.ts'
import { refuseUnlike } from './alike.ts'
import { BUCKETS } from './collect-parts.ts'
import { holdDataDir } from './home.ts'
import { layoutOf } from './paths.ts'
import { readSecret } from './secret.ts'

/**
 * Makes the store's tables anew from the lake of a data directory that nobody serves. Throws data_dir_in_use while
 * somebody does, and a plain Error, having changed nothing, where lake and store have not handled the same records.
 */
export async function rebuildFromLake(
  config: Config,
  progress: (done: number, all: number) => void,
): Promise<RebuildReport> {
  const layout = layoutOf(config.data_dir)
  const release = holdDataDir(config.data_dir)
  mkdirSync(layout.temporary, { recursive: true })
  const meta = openLakeMeta({ directory: layout.lakeMeta, readOnly: true, buckets: BUCKETS })
  const store = await openLmdbStore({ directory: layout.store, buckets: BUCKETS })
  const duckdb = await openDuckdb({
    lakeDirectory: layout.lake,
    tempDirectory: path.join(layout.temporary, 'rebuild'),
    memory_mb: config.sql_memory_mb,
    threads: config.sql_threads,
  })
  try {
    refuseUnlike(store.checkpoint(), [...meta.checkpoints().values()])
    const all = lakeRows(meta)
    return await rebuildStore(scanLake({ duckdb, meta, lakeDirectory: layout.lake }), store, {
      config,
      secret: readSecret(layout.secret),
      now: Date.now,
      progress: (done) => progress(done, all),
    })
  } finally {
    await duckdb.close()
    await store.close()
    await meta.close()
    release()
  }
}
