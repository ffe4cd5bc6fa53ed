import { writeSync } from 'node:fs'
import { ShoplakeError } from '../../src/errors.ts'
import { openLmdbStore } from '../../src/local/lmdb-store.ts'

/**
 * A process of its own for store-full-disk.test.ts, which bounds how large its files may become. Argument: directory of a
 * store that is larger. Scrubs it and makes it anew until each was refused three times, then prints what it was told.
 */
const store = await openLmdbStore({ directory: process.argv[2] ?? '', buckets: 1 })
const codes: string[] = []
for (const copy of [store.scrub, () => store.rebuild(['orders'])]) {
  for (let tries = 0; tries < 3; tries++) {
    codes.push(
      await copy().then(
        () => 'copied',
        (error) => (error instanceof ShoplakeError ? error.code : String(error)),
      ),
    )
  }
}
writeSync(1, JSON.stringify({ codes, isWhole: store.get('orders', 'o99') !== undefined }))
process.exit(0)
