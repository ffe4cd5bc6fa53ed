import type { Store, StoreChange, StoreDocument, StoreTable } from '../ports.ts'
import type { Documents } from './documents.ts'

/** Where documents are read from: a store, one that is being made anew, or another workspace. */
export interface DocumentSource {
  get<T extends StoreTable>(table: T, key: string): Documents[T] | undefined
  /**
   * Documents whose keys begin with `prefix`, a few hundred a page, each key once and in no order. Not while documents of
   * that table are changed, unless they are those of the page.
   */
  pages<T extends StoreTable>(table: T, prefix: string): Iterable<[string, Documents[T]][]>
}

/** Documents of a store as a source. */
export function storeSource(store: Pick<Store, 'get' | 'list'>): DocumentSource {
  return {
    get: (table, key) => store.get(table, key) as never,
    pages: (table, prefix) => storePages(store, table, prefix) as never,
  }
}

/**
 * Documents between two commits. A document is read once, changed in place as often as rows ask for it, and written
 * once; those touched lately stay in memory, so that the next commit need not read them again.
 */
export interface Workspace extends DocumentSource {
  /** The document, or what `make` returns for the key where there is none, for changing in place. */
  edit<T extends StoreTable>(
    table: T,
    key: string,
    make: (key: string) => Documents[T],
  ): Documents[T]
  put<T extends StoreTable>(table: T, key: string, document: Documents[T]): void
  remove(table: StoreTable, key: string): void
  /** Documents changed since the last commit. */
  readonly size: number
  changes(): StoreChange[]
  /** The changes are in the store: they stay in memory as what was read. */
  committed(): void
  /** Forgets every change, as if nothing had been projected since the last commit. */
  discard(): void
}

interface Entry {
  document: Documents[StoreTable] | null
  dirty: boolean
}

/** Documents kept in memory per table, twice that at most; 0 forgets them after each commit. */
const KEPT: { readonly [T in StoreTable]: number } = {
  orders: 2000,
  order_index: 0,
  customers: 10_000,
  products: 20_000,
  stock: 10_000,
  sessions: 15_000,
  live_minutes: 3000,
  dead_letters: 0,
  identities: 10_000,
  tombstones: 100,
  seen: 0,
}

/** An order with more lines is not kept: the count above bounds memory only while documents are small. */
const KEPT_LINES = 50
const PAGE = 200

/** A workspace over a source; `kept` scales how many documents stay in memory (1 is the default sizes, 0 none). */
export function createWorkspace(source: DocumentSource, kept = 1): Workspace {
  const tables = new Map<StoreTable, TableCache>()
  let dirty: [StoreTable, string, Entry][] = []

  function cacheOf(table: StoreTable): TableCache {
    let cache = tables.get(table)
    if (!cache) {
      cache = createTableCache(KEPT[table] * kept)
      tables.set(table, cache)
    }
    return cache
  }

  function find(table: StoreTable, key: string): Entry {
    const cache = cacheOf(table)
    const cached = cache.get(key)
    if (cached) return cached
    const document = source.get(table, key) ?? null
    const entry = { document, dirty: false }
    cache.set(key, entry)
    return entry
  }

  function touch(table: StoreTable, key: string, entry: Entry): void {
    if (entry.dirty) return
    entry.dirty = true
    dirty.push([table, key, entry])
  }

  function replace(table: StoreTable, key: string, document: Documents[StoreTable] | null): void {
    const cache = cacheOf(table)
    let entry = cache.get(key)
    if (!entry) {
      entry = { document, dirty: false }
      cache.set(key, entry)
    }
    entry.document = document
    touch(table, key, entry)
  }

  function* pagesOf(
    table: StoreTable,
    prefix: string,
  ): Generator<[string, Documents[StoreTable]][]> {
    const changed = new Map<string, Entry>()
    for (const [changedTable, key, entry] of dirty) {
      if (changedTable === table && key.startsWith(prefix)) changed.set(key, entry)
    }
    for (const page of source.pages(table, prefix)) {
      const kept: [string, Documents[StoreTable]][] = []
      for (const [key, document] of page) {
        const now = changed.get(key)
        changed.delete(key)
        if (!now) kept.push([key, document])
        else if (now.document) kept.push([key, now.document])
      }
      yield kept
    }
    yield [...changed].flatMap(([key, { document }]) => (document ? [[key, document]] : []))
  }

  return {
    get: <T extends StoreTable>(table: T, key: string) =>
      (find(table, key).document ?? undefined) as Documents[T] | undefined,
    edit: <T extends StoreTable>(table: T, key: string, make: (key: string) => Documents[T]) => {
      const entry = find(table, key)
      entry.document ??= make(key)
      touch(table, key, entry)
      return entry.document as Documents[T]
    },
    put: replace,
    remove: (table, key) => replace(table, key, null),
    pages: <T extends StoreTable>(table: T, prefix: string) =>
      pagesOf(table, prefix) as Iterable<[string, Documents[T]][]>,
    get size() {
      return dirty.length
    },
    changes: () =>
      dirty.map(([table, key, { document }]) => ({ table, key, document: document as never })),
    committed: () => {
      for (const [table, key, entry] of dirty) {
        entry.dirty = false
        if (!isWorthKeeping(table, entry)) cacheOf(table).delete(key)
      }
      dirty = []
      for (const cache of tables.values()) cache.age()
    },
    discard: () => {
      for (const [table, key] of dirty) cacheOf(table).delete(key)
      dirty = []
    },
  }
}

function isWorthKeeping(table: StoreTable, entry: Entry): boolean {
  if (table !== 'orders' || !entry.document) return true
  return (entry.document as Documents['orders']).items.length <= KEPT_LINES
}

function* storePages(
  store: Pick<Store, 'get' | 'list'>,
  table: StoreTable,
  prefix: string,
): Generator<[string, StoreDocument][]> {
  let from = prefix
  for (;;) {
    const page = store.list(table, { from, limit: PAGE })
    yield page
      .filter(({ key }) => key.startsWith(prefix))
      .map(({ key, document }) => [key, document])
    const last = page.at(-1)
    if (page.length < PAGE || !last?.key.startsWith(prefix)) return
    // The least text after a key is the key with the least character behind it.
    from = `${last.key}\u0000`
  }
}

interface TableCache {
  get(key: string): Entry | undefined
  set(key: string, entry: Entry): void
  delete(key: string): void
  /** Lets the older half go when the newer is full. Never call it while an entry is dirty. */
  age(): void
}

/** Two generations instead of a list in order of use: a hit in the newer one costs one look-up. */
function createTableCache(size: number): TableCache {
  let young = new Map<string, Entry>()
  let old = new Map<string, Entry>()
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
      if (young.size <= size) return
      old = size > 0 ? young : new Map()
      young = new Map()
    },
  }
}
