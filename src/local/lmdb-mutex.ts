import { existsSync } from 'node:fs'
import { open, type RootDatabase } from 'lmdb'

/**
 * Keeps processes from committing to an LMDB environment and opening it at the same time. The LMDB of lmdb-js loses
 * commits then: who opens reads the last transaction's number from the file and writes it into the lock table that all
 * share, over that of a commit made in between, and the next commit takes the lost one's place (OpenLDAP ITS#9496, mended
 * there in 2021, not in lmdb-js 3.5.6). Closing is kept apart from opening too: the last to close destroys the lock
 * table's mutexes, also under one who is about to use them.
 *
 * It is the write lock of an environment of its own, which stays empty; the system frees it when its holder is killed.
 */
export interface LmdbMutex {
  /** For commits: runs the work while no other process is inside; one after the other within this process. */
  hold<T>(work: () => Promise<T>): Promise<T>
  /** For who opens: the event loop waits. Inside `hold` of the same process it runs at once. */
  within<T>(work: () => T): T
  /**
   * `within`, once this process holds no mutex: for who may hold the one that the other process waits for. All take the
   * stream's mutex last, so only the process that appends needs it.
   */
  alone<T>(work: () => T): Promise<T>
}

/** One per file in a process: an environment's write lock taken twice by one thread would wait for itself. */
const mutexes = new Map<string, LmdbMutex>()
const held = createHeld()

/** The mutex that stands in a file, made where there is none. Never closed: the process's end frees it. */
export function mutexOf(file: string): LmdbMutex {
  const known = mutexes.get(file)
  if (known && existsSync(file)) return known
  const made = createMutex(openEmpty(file))
  mutexes.set(file, made)
  return made
}

function openEmpty(file: string): RootDatabase {
  return open(file, {
    noSubdir: true,
    mapSize: 1_048_576,
    maxDbs: 1,
    cache: false,
    overlappingSync: false,
    eventTurnBatching: false,
  })
}

function createMutex(root: RootDatabase): LmdbMutex {
  let turn: Promise<unknown> = Promise.resolve()
  return {
    hold(work) {
      const outcome = turn.then(() => held.during(() => root.transactionSync(work)))
      turn = outcome.catch(() => undefined)
      return outcome
    },
    within: (work) => root.transactionSync(work),
    alone: (work) => held.after(() => root.transactionSync(work)),
  }
}

/** What this process holds, over all mutexes. */
function createHeld() {
  let holding = 0
  let waiting = 0
  let released: (() => void)[] = []

  function wake(): void {
    const listeners = released
    released = []
    for (const listener of listeners) listener()
  }

  const change = () => new Promise<void>((resolve) => released.push(resolve))

  return {
    /** Work that holds; begins when nobody waits for all to be free. */
    async during<T>(work: () => Promise<T>): Promise<T> {
      while (waiting > 0) await change()
      holding++
      try {
        return await work()
      } finally {
        holding--
        wake()
      }
    },
    /** Work of one turn, when nothing is held. */
    async after<T>(work: () => T): Promise<T> {
      waiting++
      try {
        while (holding > 0) await change()
        return work()
      } finally {
        waiting--
        wake()
      }
    },
  }
}
