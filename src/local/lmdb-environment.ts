import type { Key, RootDatabase } from 'lmdb'
import type { LmdbMutex } from './lmdb-mutex.ts'

/** Options of every LMDB environment of ours: what a promise of durability needs of lmdb-js. */
export const DURABLE = {
  cache: false,
  // A commit is fdatasync, then a meta page through an O_DSYNC descriptor, and only then visible and resolved: a reader
  // never sees, and nobody is ever told of, what a power cut could take.
  overlappingSync: false,
  // With it lmdb-js makes a promise of its own per turn of the event loop, and a failed commit ends the process as a
  // rejection that nobody can catch.
  eventTurnBatching: false,
} as const

/** Everything that `puts` writes, in any database of the environment, as one transaction. Rejects with the engine's own error: nothing was written. */
export async function writeBatch<V, K extends Key>(
  root: RootDatabase<V, K>,
  mutex: LmdbMutex,
  puts: () => void,
): Promise<void> {
  try {
    await mutex.hold(() => root.batch(puts))
  } catch (error) {
    throw await causeOf(error as { commitError?: Promise<unknown> })
  }
}

/** lmdb-js rejects with a plain message and hands the engine's error over as a promise that rejects. */
async function causeOf(error: { commitError?: Promise<unknown> }): Promise<unknown> {
  if (!error.commitError) return error
  return error.commitError.then(
    () => error,
    (cause: unknown) => cause ?? error,
  )
}
