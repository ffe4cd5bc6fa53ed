import type { Positions } from '../ports.ts'

/** How long changes may wait to be written together with later ones. */
export interface Patience {
  /** As many wait for no other: in a quiet shop everything is in the next commit. */
  readonly few: number
  /** How long a change may wait. */
  readonly wait_ms: number
  /** Never do more wait, so that memory is bounded. */
  readonly most: number
  /** Milliseconds of which only differences count. Default: the monotonic clock. */
  now?(): number
}

/** A minute holds several events of a visit: it is written once for them, and a restart has a minute to read again at most. */
export const PATIENCE: Patience = { few: 2000, wait_ms: 60_000, most: 150_000 }
/** Nothing waits. */
export const NO_PATIENCE: Patience = { few: Number.POSITIVE_INFINITY, wait_ms: 0, most: 0 }

/** What was changed and may wait, by the commit that it was changed behind. */
export interface Waiting<E> {
  add(entry: E): void
  /** Takes out those that must wait no longer, oldest first. */
  leave(): E[]
  /**
   * Has all but few written, those of one commit at a time and of so many commits at most; whether more than few are left. After a
   * rejection of `write` the rest goes on waiting.
   */
  drain(write: (entries: readonly E[]) => Promise<void>, commits?: number): Promise<boolean>
  /** There was a commit up to `positions`: what is added from now on has come behind it. */
  begin(positions: Positions): void
  /** Positions behind which everything is that waits; undefined where nothing does. */
  since(): Positions | undefined
  /** Added since the last `begin`. */
  recent(): number
  entries(): Iterable<E>
  clear(): void
}

interface Group<E> {
  readonly since: Positions
  readonly began: number
  entries: E[]
}

export function createWaiting<E>(patience: Patience): Waiting<E> {
  const { few, wait_ms, most, now = () => performance.now() } = patience
  const groupFrom = (since: Positions): Group<E> => ({ since, began: now(), entries: [] })
  let groups = [groupFrom([])]
  let size = 0

  /** The youngest group stays open. */
  function empty(group: Group<E>): E[] {
    const { entries } = group
    size -= entries.length
    group.entries = []
    groups = groups.filter((other) => other !== group || other === groups.at(-1))
    return entries
  }

  return {
    add(entry) {
      groups.at(-1)!.entries.push(entry)
      size++
    },
    leave() {
      const leaving: E[] = []
      const all = size <= few
      const latest = now() - wait_ms
      while (size > 0 && (all || size > most || groups[0]!.began <= latest)) {
        for (const entry of empty(groups[0]!)) leaving.push(entry)
      }
      return leaving
    },
    async drain(write, commits = Number.POSITIVE_INFINITY) {
      for (let written = 0; size > few && written < commits; written++) {
        await write(groups[0]!.entries)
        empty(groups[0]!)
      }
      return size > few
    },
    begin(positions) {
      if (groups.at(-1)!.entries.length === 0) groups.pop()
      groups.push(groupFrom(positions))
    },
    since: () => groups.find(({ entries }) => entries.length > 0)?.since,
    recent: () => groups.at(-1)!.entries.length,
    *entries() {
      for (const group of groups) yield* group.entries
    },
    clear() {
      groups = [groupFrom(groups.at(-1)!.since)]
      size = 0
    },
  }
}
