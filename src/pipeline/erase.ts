import { createHmac } from 'node:crypto'
import { TABLES } from '../derive/table.ts'
import { type Column, holdsIdentity } from '../schema/column.ts'
import type { EventType } from '../schema/registry.ts'

/** A row as a parsed canonical line. */
export type Row = { readonly [column: string]: unknown }

export type PersonKind = 'customer' | 'anonymous'

/** Remembered answers of `erasedAs`; beyond it the memory starts anew. */
const REMEMBERED = 50_000

/** Key under which a tombstone is kept: 64 hex characters, HMAC-SHA256 of kind and id, so that no tombstone names a person. */
export function tombstoneKey(secret: Uint8Array, kind: PersonKind, id: string): string {
  return createHmac('sha256', secret).update(`tombstone:${kind}:${id}`).digest('hex')
}

export interface Erasure {
  /** The erased_id that stands for the person of this row, or undefined where nobody was erased. */
  erasedAs(row: Row): string | undefined
  /** Call after a tombstone was kept or tombstones were loaded: remembered answers are dropped. */
  changed(): void
}

/**
 * Looks rows up among tombstones. `lookup` gives the erased_id kept under a `tombstoneKey`; `any` whether there is a
 * tombstone at all, asked again after `changed`, so that a shop without one pays nothing per row.
 */
export function createErasure(options: {
  secret: Uint8Array
  lookup(key: string): string | undefined
  any(): boolean
}): Erasure {
  const known = new Map<string, string | undefined>()
  let some: boolean | undefined

  function find(kind: PersonKind, id: unknown): string | undefined {
    if (typeof id !== 'string') return undefined
    const name = `${kind}:${id}`
    if (known.has(name)) return known.get(name)
    if (known.size >= REMEMBERED) known.clear()
    const erased = options.lookup(tombstoneKey(options.secret, kind, id))
    known.set(name, erased)
    return erased
  }

  return {
    erasedAs(row) {
      some ??= options.any()
      if (!some) return undefined
      return find('customer', row.customer_id) ?? find('anonymous', row.anonymous_id)
    },
    changed() {
      known.clear()
      some = undefined
    },
  }
}

/** The row without what names or follows a person, in canonical column order, with `erased_id` as its customer_id. */
export function dropIdentity(type: EventType, row: Row, erasedId: string): Row {
  const kept: { [column: string]: unknown } = {}
  for (const field of TABLES[type].columns) {
    if (field.name === 'customer_id') kept.customer_id = erasedId
    else if (!field.identity && row[field.name] !== undefined) {
      kept[field.name] = withoutIdentity(field.column, row[field.name])
    }
  }
  return kept
}

function withoutIdentity(column: Column, value: unknown): unknown {
  if (value === null || !holdsIdentity(column)) return value
  if (column.kind === 'list') {
    return (value as unknown[]).map((entry) => withoutIdentity(column.element, entry))
  }
  if (column.kind !== 'struct') return value
  const parts = value as { [name: string]: unknown }
  const kept = column.fields.filter((field) => !field.identity && parts[field.name] !== undefined)
  return Object.fromEntries(
    kept.map((field) => [field.name, withoutIdentity(field.column, parts[field.name])]),
  )
}
