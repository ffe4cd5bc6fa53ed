import type { StoreDocument, StoreTable } from '../ports.ts'
import type { BucketTable, Share, ShareWrite } from '../share-ports.ts'
import type { Documents } from './documents.ts'
import { copyOf } from './json-text.ts'
import type { Workspace } from './project-workspace.ts'

/**
 * A workspace over one bucket's shares, in which each record changes each share once, whatever part of the batch was written before.
 * Projections ask for documents at once, so what is not loaded yet is noted as missing and taken for absent: the
 * caller loads it and projects the batch anew, until nothing is missing.
 */
export interface FoldWorkspace extends Workspace {
  /** From here on changes are those of the record with this sequence: a share that has seen it is left as it is. */
  at(sequence: string): void
  /** As `edit`, for tables that no projection knows. */
  editShare<D extends object>(table: BucketTable, key: string, make: () => D): D
  /** What was asked for and is not loaded. */
  missing(): {
    /** `read`: asked for to be read, not only to be put. */
    readonly keys: readonly (Pick<Share, 'table' | 'key'> & { readonly read: boolean })[]
    readonly scans: readonly { readonly table: StoreTable; readonly prefix: string }[]
  }
  /** Shares that were changed. */
  writes(): ShareWrite[]
}

/** What is known of a bucket's shares: where nothing was found, `loaded` has the key with null. */
export interface KnownShares {
  readonly loaded: ReadonlyMap<string, Share | null>
  /** `shareName(table, prefix)` of each stretch that was loaded whole. */
  readonly scanned: ReadonlySet<string>
}

interface Entry {
  readonly table: BucketTable
  readonly key: string
  document: StoreDocument | null
  /** The record that the share had seen when it was loaded; '' where there was none. */
  readonly base: string
  readonly known: boolean
  sequence: string
  dirty: boolean
  read: boolean
  removed: boolean
}

export function shareName(table: BucketTable, key: string): string {
  return `${table}/${key}`
}

/** `expiresAt`: moment in milliseconds since 1970 from which a written share may be deleted by itself. */
export function createFoldWorkspace(
  { loaded, scanned }: KnownShares,
  expiresAt: (
    table: BucketTable,
    key: string,
    document: StoreDocument | null,
  ) => number | undefined,
): FoldWorkspace {
  const entries = new Map<string, Entry>()
  const missingScans = new Map<string, { table: StoreTable; prefix: string }>()
  let now = ''

  function find(table: BucketTable, key: string): Entry {
    const name = shareName(table, key)
    let entry = entries.get(name)
    if (entry) return entry
    const share = loaded.get(name)
    const base = share?.sequence ?? ''
    const document = share?.document ? copyOf(share.document) : null
    const known = share !== undefined
    const untouched = { sequence: base, dirty: false, read: false, removed: false }
    entry = { table, key, document, base, known, ...untouched }
    entries.set(name, entry)
    return entry
  }

  /** The entry for changing, unless it has seen the record that is being projected. */
  function open(table: BucketTable, key: string): Entry | undefined {
    const entry = find(table, key)
    if (entry.base >= now) return undefined
    entry.dirty = true
    entry.sequence = now
    return entry
  }

  function editShare<D extends object>(table: BucketTable, key: string, make: () => D): D {
    const entry = open(table, key)
    if (!entry) return copyOf(find(table, key).document ?? make()) as D
    entry.document ??= make() as StoreDocument
    return entry.document as D
  }

  const edit: Workspace['edit'] = (table, key, make) => editShare(table, key, () => make(key))

  function* pages(table: StoreTable, prefix: string): Generator<[string, never][]> {
    const name = shareName(table, prefix)
    if (!scanned.has(name)) missingScans.set(name, { table, prefix })
    for (const share of loaded.values()) {
      if (share && share.table === table && share.key.startsWith(prefix)) find(table, share.key)
    }
    const found = [...entries.values()].filter(
      (entry) => entry.table === table && entry.document !== null && entry.key.startsWith(prefix),
    )
    yield found.map((entry) => [entry.key, entry.document as never])
  }

  const changed = () => [...entries.values()].filter((entry) => entry.dirty)

  return {
    at(sequence) {
      now = sequence
    },
    get: <T extends StoreTable>(table: T, key: string) => {
      const entry = find(table, key)
      entry.read = true
      return (entry.document ?? undefined) as Documents[T] | undefined
    },
    edit,
    // A batch is one write of each share: nothing comes later.
    editLater: edit,
    editShare,
    put(table, key, document) {
      const entry = open(table, key)
      if (entry) entry.document = document as unknown as StoreDocument
    },
    remove(table, key) {
      const entry = open(table, key)
      if (!entry) return
      entry.document = null
      entry.removed = true
    },
    pages: pages as FoldWorkspace['pages'],
    get size() {
      return changed().length
    },
    changes: () =>
      changed().map(({ table, key, document }) => ({ table: table as StoreTable, key, document })),
    committed: () => {
      for (const entry of entries.values()) entry.dirty = false
    },
    discard: () => entries.clear(),
    missing: () => ({
      keys: [...entries.values()].filter((entry) => !entry.known),
      scans: [...missingScans.values()],
    }),
    writes: () =>
      changed()
        .filter((entry) => entry.base !== '' || entry.document !== null)
        .map(({ table, key, document, sequence, base, removed }) => {
          const expires_at = expiresAt(table, key, document)
          return {
            table,
            key,
            document,
            sequence,
            after: base === '' ? undefined : base,
            ...(removed && document !== null && { renewed: true }),
            ...(expires_at !== undefined && { expires_at }),
          }
        }),
  }
}
