/** Keeps replaced files until no query that may read them is running. */
export interface Leases {
  /** Called before a query binds; what it returns is called when the query has ended. Twice does no harm. */
  lease(): () => void
  /** Files that no view names any more, at a moment (ms since 1970). They go `grace_ms` later, when every lease taken so far is back. */
  retire(paths: readonly string[], at: number, grace_ms: number, tombstones?: number): void
  /** Takes back a file that a view names again. Not while a sweep runs. */
  revive(path: string): void
  /** Deletes what may go. Rejects with the file system's first error, when all were tried; call again. */
  sweep(now: number): Promise<void>
  /** Files that wait. */
  waiting(): readonly string[]
  /** Of each file that waits, the number up to which nobody is in it whom a tombstone has erased. */
  waitingTombstones(): readonly number[]
}

interface Retired {
  readonly path: string
  readonly generation: number
  readonly at: number
  readonly grace_ms: number
  readonly tombstones: number
}

/** `tombstones`: that number for files that are retired without one. */
export function createLeases(
  remove: (path: string) => Promise<void>,
  tombstones: () => number = () => 0,
): Leases {
  let generation = 0
  const held = new Map<number, number>()
  const retired = new Set<Retired>()
  return {
    lease() {
      const mine = generation
      held.set(mine, (held.get(mine) ?? 0) + 1)
      let back = false
      return () => {
        if (back) return
        back = true
        const left = held.get(mine)! - 1
        if (left === 0) held.delete(mine)
        else held.set(mine, left)
      }
    },
    retire(paths, at, grace_ms, upTo = tombstones()) {
      for (const path of paths) retired.add({ path, generation, at, grace_ms, tombstones: upTo })
      generation++
    },
    revive(path) {
      for (const entry of retired) if (entry.path === path) retired.delete(entry)
    },
    async sweep(now) {
      const oldest = Math.min(...held.keys())
      const free = [...retired].filter(
        (entry) => entry.generation < oldest && Math.abs(now - entry.at) >= entry.grace_ms,
      )
      const failures: unknown[] = []
      for (const entry of free) {
        await remove(entry.path).then(
          () => retired.delete(entry),
          (error: unknown) => failures.push(error),
        )
      }
      if (failures.length > 0) throw failures[0]
    },
    waiting: () => [...retired].map((entry) => entry.path),
    waitingTombstones: () => [...retired].map((entry) => entry.tombstones),
  }
}

/** Runs what is given to it one after the other. */
export function createLock(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const next = last.then(work, work)
    last = next.catch(() => undefined)
    return next
  }
}
