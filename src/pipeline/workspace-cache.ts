import type { StoreTable } from '../ports.ts'
import type { Documents } from './documents.ts'

/** A document in memory, null where there is none. */
export interface Entry {
  readonly table: StoreTable
  readonly key: string
  document: Documents[StoreTable] | null
  /** As it is in the store or on its way there; changed for the next commit; or changed for one of the next. */
  state: 'saved' | 'due' | 'waiting'
}

export interface TableCache {
  get(key: string): Entry | undefined
  set(key: string, entry: Entry): void
  delete(key: string): void
  /** Lets the older half go when the newer is full, but for what is not in the store yet. */
  age(): void
}

/** Two generations instead of a list in order of use: a hit in the newer one costs one look-up. */
export function createTableCache(size: number): TableCache {
  let young = new Map<string, Entry>()
  let old = new Map<string, Entry>()
  /** What was not in the store when `young` began: it stays whatever comes, so it is no reason to let others go. */
  let carried = 0
  return {
    get(key) {
      const entry = young.get(key)
      if (entry) return entry
      const aged = old.get(key)
      if (aged) young.set(key, aged)
      return aged
    },
    set: (key, entry) => void young.set(key, entry),
    delete(key) {
      young.delete(key)
      old.delete(key)
    },
    age() {
      if (young.size - carried <= size) return
      const gone = size > 0 ? old : young
      old = size > 0 ? young : new Map()
      young = new Map()
      for (const [key, entry] of gone) {
        if (entry.state !== 'saved' && !old.has(key)) young.set(key, entry)
      }
      carried = young.size
    },
  }
}
