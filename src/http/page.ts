import { ShoplakeError } from '../errors.ts'
import type { Awaitable, StoreDocument, StoreReader, StoreTable } from '../ports.ts'
import { type Call, numberParam, textParam } from './call.ts'
import { moneyOut } from './money.ts'

/** Fields of the store's documents that hold money, at any depth. */
const MONEY_FIELDS = new Set([
  'total_amount',
  'discount_amount',
  'shipping_amount',
  'tax_amount',
  'shop_value',
  'paid_amount',
  'refunded_amount',
  'refunded_value',
  'order_value',
  'spend',
  'average_order_value',
  'price',
  'cost',
  'discount',
  'revenue',
  'cart_value',
  'open_cart_value',
  'sales',
])

/** A document as the API gives it: without bookkeeping, money by the rule of the wire. */
export function documentOut(document: StoreDocument): StoreDocument {
  const { merge: _merge, ...shown } = document
  return fieldsOut(shown) as StoreDocument
}

function fieldsOut(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fieldsOut)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      MONEY_FIELDS.has(name) && typeof inner === 'string' ? moneyOut(inner) : fieldsOut(inner),
    ]),
  )
}

export interface Page {
  readonly items: readonly StoreDocument[]
  readonly next_cursor: string | null
}

/** Ids have at most 200 characters; whatever is much longer names nothing and is not looked up. */
const LONGEST_KEY = 1000

/** Whether a text can be a key of the store at all. */
export function isKey(text: string): boolean {
  return text.length > 0 && Buffer.byteLength(text) <= LONGEST_KEY
}

/** How many entries a page may have. Throws bad_request. */
function limitOf(call: Call): number {
  return numberParam(call, 'limit', { otherwise: 50, min: 1, max: 500 })
}

/** Entries read to find those that a filter takes; beyond it the page ends early, with a cursor. */
const SCAN_LIMIT = 20_000
const SCAN_STEP = 500

/** A stretch of a table, in key order or reversed. */
export interface Scan {
  readonly table: StoreTable
  /** Keys from here, inclusive. */
  readonly from?: string
  /** Keys up to here, exclusive. */
  readonly to?: string
  readonly reverse?: boolean
}

/** The document to show for an entry, or undefined to leave it out. */
export type Pick = (document: StoreDocument) => Awaitable<StoreDocument | undefined>

/**
 * One page of a table. The cursor is where the next page begins: the first key of it, or reversed the last key before it,
 * because a range excludes its upper end. Keys written meanwhile neither repeat nor hide others.
 */
export async function pageOf(
  store: StoreReader,
  call: Call,
  scan: Scan,
  pick: Pick = (same) => same,
): Promise<Page> {
  const limit = limitOf(call)
  const cursor = textParam(call, 'cursor')
  if (cursor !== undefined && !isKey(cursor)) {
    throw new ShoplakeError('bad_request', 'cursor must be the next_cursor of a page')
  }
  const items: StoreDocument[] = []
  let read = 0
  let last = ''
  for await (const { key, document } of entriesOf(store, startAt(scan, cursor))) {
    if (items.length === limit || read === SCAN_LIMIT) {
      return { items, next_cursor: scan.reverse ? last : key }
    }
    const shown = await pick(document)
    if (shown) items.push(documentOut(shown))
    last = key
    read += 1
  }
  return { items, next_cursor: null }
}

/** A cursor narrows the stretch and never widens it. */
function startAt(scan: Scan, cursor: string | undefined): Scan {
  if (cursor === undefined) return scan
  if (scan.reverse) {
    return scan.to === undefined || cursor < scan.to ? { ...scan, to: cursor } : scan
  }
  return scan.from === undefined || cursor > scan.from ? { ...scan, from: cursor } : scan
}

/** Entries of a stretch, read in steps. */
export async function* entriesOf(
  store: StoreReader,
  scan: Scan,
): AsyncGenerator<{ key: string; document: StoreDocument }> {
  const { table, reverse = false, ...range } = scan
  let skip: string | undefined
  for (;;) {
    const found = await store.list(table, { ...range, reverse, limit: SCAN_STEP })
    for (const entry of found) if (entry.key !== skip) yield entry
    if (found.length < SCAN_STEP) return
    skip = found.at(-1)!.key
    if (reverse) range.to = skip
    else range.from = skip
  }
}
