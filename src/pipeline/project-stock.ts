import type { StockDocument } from './documents.ts'
import type { Row } from './erase.ts'
import { momentOf, type ProjectContext, rankOf, textOf } from './project-context.ts'
import { applyOnce, shortHash } from './project-seen.ts'

/** Where an event stands that names no location. */
const DEFAULT_LOCATION = 'default'

/** Key of table `stock`. The last slash parts the two: those of the location itself are escaped. */
function stockKey(product_id: string, location: string): string {
  const escaped = /[%/]/.test(location)
    ? location.replaceAll('%', '%25').replaceAll('/', '%2F')
    : location
  return `${product_id}/${escaped}`
}

/**
 * inventory_updated: the latest absolute level (by occurred_at, then event_id) plus every delta after it. Deltas are
 * remembered one by one in `seen`: there a re-sent one is found, and a level that comes late finds the deltas that
 * happened after it, so that any interleaving gives the same level. A browser's word never moves stock: its key is public.
 */
export function moveStock(row: Row, context: ProjectContext): void {
  if (rankOf(row) === 0) return
  const product_id = row.product_id as string
  const location = textOf(row, 'location') ?? DEFAULT_LOCATION
  const key = stockKey(product_id, location)
  const place = shortHash(key)
  const stamp = momentOf(row)
  const level = row.level as number | undefined
  const delta = row.delta as number | undefined
  const isDelta = level === undefined && delta !== undefined
  if (isDelta) {
    const { day } = context.horizon(row)
    if (!applyOnce(`${place}/${row.event_id}`, { day, stamp, delta }, context)) return
  }
  const stock = context.workspace.edit('stock', key, () => newStock(product_id, location))
  if (isDelta) addDelta(stock, stamp, delta)
  else if (level !== undefined) setLevel(stock, stamp, level, place, context)
  takeMovement(stock, row, stamp)
  takeLowMark(stock, row, stamp)
  stock.level_known = stock.merge.base !== undefined
  stock.low_stock_at ??= context.low_stock_at
  stock.low = stock.level <= stock.low_stock_at
}

function newStock(product_id: string, location: string): StockDocument {
  return {
    product_id,
    location,
    level: 0,
    level_known: false,
    low: false,
    updated_at: '',
    last_movement: { occurred_at: '', source: '' },
    merge: { last: '' },
  } as unknown as StockDocument
}

function addDelta(stock: StockDocument, stamp: string, delta: number): void {
  const { merge } = stock
  if (merge.newest === undefined || stamp > merge.newest) merge.newest = stamp
  if (merge.base === undefined || stamp > merge.base.stamp) stock.level += delta
}

function setLevel(
  stock: StockDocument,
  stamp: string,
  level: number,
  place: string,
  { workspace }: ProjectContext,
): void {
  const { merge } = stock
  if (merge.base && merge.base.stamp >= stamp) return
  merge.base = { stamp, level }
  stock.level = level
  if (merge.newest === undefined || merge.newest < stamp) return
  for (const page of workspace.pages('seen', `${place}/`)) {
    for (const [, seen] of page) {
      if (seen.stamp !== undefined && seen.stamp > stamp) stock.level += seen.delta ?? 0
    }
  }
}

function takeMovement(stock: StockDocument, row: Row, stamp: string): void {
  if (stock.merge.last >= stamp) return
  stock.merge.last = stamp
  stock.updated_at = row.occurred_at as string
  const movement: { [field: string]: unknown } = { occurred_at: row.occurred_at }
  for (const field of ['level', 'delta', 'reason', 'order_id', 'source']) {
    if (row[field] !== undefined && row[field] !== null) movement[field] = row[field]
  }
  stock.last_movement = movement as StockDocument['last_movement']
}

function takeLowMark(stock: StockDocument, row: Row, stamp: string): void {
  const mark = row.low_stock_at
  if (typeof mark !== 'number') return
  if (stock.merge.low !== undefined && stock.merge.low >= stamp) return
  stock.merge.low = stamp
  stock.low_stock_at = mark
}
