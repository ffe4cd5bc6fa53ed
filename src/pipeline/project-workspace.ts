import type { Positions, Store, StoreChange, StoreDocument, StoreTable } from '../ports.ts'
import type { Documents } from './documents.ts'
import { createWaiting, NO_PATIENCE, type Patience } from './project-waiting.ts'
import { createTableCache, type Entry, type TableCache } from './workspace-cache.ts'

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
 * Documents between commits. A document is read once, changed in place as often as rows ask for it, and written once for all
 * of them; those touched lately stay in memory, so that the next change need not read them again.
 */
export interface Workspace extends DocumentSource {
  /** The document, or what `make` returns for the key where there is none, for changing in place. */
  edit<T extends StoreTable>(
    table: T,
    key: string,
    make: (key: string) => Documents[T],
  ): Documents[T]
  /**
   * The same for a change that may miss the next commits, and be lost, where its row makes it again and changes nothing when it
   * is taken twice.
   */
  editLater: Workspace['edit']
  put<T extends StoreTable>(table: T, key: string, document: Documents[T]): void
  remove(table: StoreTable, key: string): void
  /** Documents changed since the last commit. */
  readonly size: number
  /** What the next commit is to write: all but what may go on waiting. */
  changes(): StoreChange[]
  /** The changes are in the store: they stay in memory as what was read. */
  committed(): void
  /** Forgets every change that is not in the store, also what waits. */
  discard(): void
}

/** A workspace that keeps some changes back for later commits. */
export interface PatientWorkspace extends Workspace {
  /**
   * Has all but few of the changes that wait written, thousands at a time and so many times at most; whether more than few are
   * left. They may be written at any moment, also ahead of the commit that they belong to. Rejects as `write` does, and then the
   * rest goes on waiting.
   */
  drain(write: (changes: StoreChange[]) => Promise<void>, times?: number): Promise<boolean>
  /**
   * The changes are on their way to the store, with all records up to `positions`. Until `committed` they stay in memory, and what is
   * changed from now on is for the next commit.
   */
  underWay(positions: Positions): void
  /** Positions behind which every change is that `changes` has left out; undefined where it has left out none. */
  waitingSince(): Positions | undefined
  /** The document where it is in memory. */
  peek: DocumentSource['get']
}

/** Documents kept in memory per table, twice that at most; 0 forgets them after each commit. */
const KEPT: { readonly [T in StoreTable]: number } = {
  orders: 2000,
  order_index: 0,
  customers: 20_000,
  products: 20_000,
  stock: 10_000,
  sessions: 50_000,
  live_minutes: 3000,
  dead_letters: 0,
  identities: 10_000,
  tombstones: 100,
  seen: 0,
}

/** An order with more lines is not kept: the count above bounds memory only while documents are small. */
const KEPT_LINES = 50
const PAGE = 200

/** A workspace over a source; `kept` scales how many documents stay in memory beside those that wait (1 is the default sizes, 0 none). */
export function createWorkspace(
  source: DocumentSource,
  kept = 1,
  patience: Patience = NO_PATIENCE,
): PatientWorkspace {
  const tables = new Map<StoreTable, TableCache>()
  const waiting = createWaiting<Entry>(patience)
  let due: Entry[] = []
  /** What is on its way, which may be nothing at all; undefined where there is no commit on its way. */
  let leaving: readonly Entry[] | undefined

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
    const entry: Entry = { table, key, document: source.get(table, key) ?? null, state: 'saved' }
    cache.set(key, entry)
    return entry
  }

  function makeDue(entry: Entry): void {
    if (entry.state === 'due') return
    entry.state = 'due'
    due.push(entry)
  }

  function leave(): readonly Entry[] {
    const left = due
    for (const entry of left) entry.state = 'saved'
    due = []
    return left
  }

  function edit(
    table: StoreTable,
    key: string,
    make: (key: string) => Documents[StoreTable],
  ): Documents[StoreTable] {
    const entry = find(table, key)
    entry.document ??= make(key)
    makeDue(entry)
    return entry.document
  }

  function editLater(
    table: StoreTable,
    key: string,
    make: (key: string) => Documents[StoreTable],
  ): Documents[StoreTable] {
    const entry = find(table, key)
    entry.document ??= make(key)
    if (entry.state === 'saved') {
      entry.state = 'waiting'
      waiting.add(entry)
    }
    return entry.document
  }

  function replace(table: StoreTable, key: string, document: Documents[StoreTable] | null): void {
    const cache = cacheOf(table)
    let entry = cache.get(key)
    if (!entry) {
      entry = { table, key, document, state: 'saved' }
      cache.set(key, entry)
    }
    entry.document = document
    makeDue(entry)
  }

  function* pagesOf(
    table: StoreTable,
    prefix: string,
  ): Generator<[string, Documents[StoreTable]][]> {
    const changed = new Map<string, Entry>()
    const isOfPages = (entry: Entry) => entry.table === table && entry.key.startsWith(prefix)
    for (const entry of leaving ?? []) if (isOfPages(entry)) changed.set(entry.key, entry)
    for (const entry of [...due, ...waiting.entries()]) {
      if (entry.state !== 'saved' && isOfPages(entry)) changed.set(entry.key, entry)
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
    peek: <T extends StoreTable>(table: T, key: string) =>
      (tables.get(table)?.get(key)?.document ?? undefined) as Documents[T] | undefined,
    edit: edit as Workspace['edit'],
    editLater: editLater as Workspace['edit'],
    put: replace,
    remove: (table, key) => replace(table, key, null),
    pages: <T extends StoreTable>(table: T, prefix: string) =>
      pagesOf(table, prefix) as Iterable<[string, Documents[T]][]>,
    get size() {
      return due.length + waiting.recent()
    },
    changes() {
      for (const entry of waiting.leave()) if (entry.state === 'waiting') makeDue(entry)
      return due.map(changeOf)
    },
    drain: (write, times) =>
      waiting.drain(async (entries) => {
        const late = entries.filter(({ state }) => state === 'waiting')
        await write(late.map(changeOf))
        for (const entry of late) entry.state = 'saved'
      }, times),
    waitingSince: waiting.since,
    underWay(positions) {
      leaving = leave()
      waiting.begin(positions)
    },
    committed() {
      for (const entry of leaving ?? leave()) {
        if (entry.state === 'saved' && !isWorthKeeping(entry)) {
          cacheOf(entry.table).delete(entry.key)
        }
      }
      leaving = undefined
      for (const cache of tables.values()) cache.age()
    },
    discard() {
      tables.clear()
      waiting.clear()
      due = []
      leaving = undefined
    },
  }
}

function changeOf({ table, key, document }: Entry): StoreChange {
  return { table, key, document: document as never }
}

function isWorthKeeping({ table, document }: Entry): boolean {
  if (table !== 'orders' || !document) return true
  return (document as Documents['orders']).items.length <= KEPT_LINES
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
