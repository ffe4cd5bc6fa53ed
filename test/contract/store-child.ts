import { writeSync } from 'node:fs'
import { ShoplakeError } from '../../src/errors.ts'
import { openLmdbStore } from '../../src/local/lmdb-store.ts'

/**
 * A process of its own for store-full-disk.test.ts, which bounds how large its files may become. Argument: directory.
 * Applies one order after another until it is refused, then prints what it was told and what it can still read.
 */
const store = await openLmdbStore({ directory: process.argv[2] ?? '', buckets: 1 })
for (let position = 1; ; position++) {
  const document = { order_id: `o${position}`, note: 'x'.repeat(20_000) }
  try {
    await store.apply([position], [{ table: 'orders', key: `o${position}`, document }], [])
  } catch (error) {
    const code = error instanceof ShoplakeError ? error.code : String(error)
    // A rejection that nobody catches ends the process at the end of this turn.
    await new Promise((resolve) => setTimeout(resolve, 50))
    const [checkpoint] = store.checkpoint()
    const isWhole = store.get('orders', `o${checkpoint}`) !== undefined
    writeSync(1, JSON.stringify({ code, refused: position, checkpoint, isWhole }))
    process.exit(0)
  }
}
