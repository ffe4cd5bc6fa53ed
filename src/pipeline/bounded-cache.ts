export interface BoundedCache<K, V> {
  get(key: K): V | undefined
  set(key: K, value: V): void
}

/**
 * Remembers between `limit` and twice as many entries: what was not asked for while `limit` others came is forgotten.
 * Two maps in place of a linked list: no bookkeeping on a hit.
 */
export function createBoundedCache<K, V>(limit: number): BoundedCache<K, V> {
  let young = new Map<K, V>()
  let old = new Map<K, V>()
  const set = (key: K, value: V) => {
    if (young.size >= limit) {
      old = young
      young = new Map()
    }
    young.set(key, value)
  }
  const get = (key: K) => {
    const value = young.get(key)
    if (value !== undefined) return value
    const aged = old.get(key)
    if (aged !== undefined) set(key, aged)
    return aged
  }
  return { get, set }
}
