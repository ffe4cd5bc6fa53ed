import type { OrderLine, ProductDocument } from './documents.ts'
import type { Row } from './erase.ts'
import { plus } from './project-amount.ts'
import { momentOf, type ProjectContext, stampOf, takeFields } from './project-context.ts'
import { applyOnce } from './project-seen.ts'

/** What an order's change means to one product. */
export interface ProductShare {
  orders: number
  units: number
  /** Ten-thousandths of the shop's currency. */
  revenue: bigint
  returned: number
}

const CATALOGUE = ['name', 'category', 'brand', 'price', 'cost', 'currency', 'active'] as const
/** What pages and orders call a product: taken while the catalogue says nothing. */
const OBSERVED = ['name', 'category'] as const
/** Below every stamp of a source, so that any catalogue event stands above. */
const OBSERVED_MARK = ' '

function newProduct(product_id: string): ProductDocument {
  return {
    product_id,
    views: 0,
    clicks: 0,
    carts: 0,
    cart_units: 0,
    cart_removals: 0,
    orders: 0,
    units_sold: 0,
    revenue: '0',
    units_returned: 0,
    rating_count: 0,
    rating_sum: 0,
    rating_mean: null,
    merge: { stamps: {} },
  }
}

function edit(row: Row, { workspace }: ProjectContext): ProductDocument {
  return workspace.edit('products', row.product_id as string, newProduct)
}

/** product_created and product_updated: absent fields stay. */
export function updateCatalogue(row: Row, context: ProjectContext): void {
  const product = edit(row, context)
  takeFields(product, product.merge.stamps, row, CATALOGUE, stampOf(row))
}

export function viewProduct(row: Row, context: ProjectContext): void {
  const product = edit(row, context)
  product.views++
  observe(product, row, row)
}

export function clickProduct(row: Row, context: ProjectContext): void {
  edit(row, context).clicks++
}

export function cartProduct(row: Row, context: ProjectContext): void {
  const product = edit(row, context)
  product.carts++
  product.cart_units += row.quantity as number
  observe(product, row, row)
}

export function uncartProduct(row: Row, context: ProjectContext): void {
  edit(row, context).cart_removals++
}

/** Names and categories of the lines of an order or refund: each product they name has a document from then on. */
export function observeLines(row: Row, context: ProjectContext): void {
  for (const line of (row.items ?? []) as readonly OrderLine[]) {
    const product = context.workspace.edit('products', line.product_id, newProduct)
    observe(product, line as unknown as Row, row)
  }
}

function observe(product: ProductDocument, named: Row, row: Row): void {
  const { stamps } = product.merge
  for (const field of OBSERVED) {
    const value = named[field]
    if (typeof value !== 'string') continue
    const held = stamps[field]
    if (held !== undefined && !held.startsWith(OBSERVED_MARK)) continue
    const stamp = `${OBSERVED_MARK}${momentOf(row)}`
    if (held !== undefined && held >= stamp) continue
    product[field] = value
    stamps[field] = stamp
  }
}

/** review_submitted, once by event_id even long after. The mean is exact: sum and count are kept. */
export function reviewProduct(row: Row, context: ProjectContext): void {
  const { day } = context.horizon(row)
  if (!applyOnce(`review/${row.event_id}`, { day }, context)) return
  const product = edit(row, context)
  product.rating_count++
  product.rating_sum += row.rating as number
  product.rating_mean = product.rating_sum / product.rating_count
}

/** Adds an order's change to the product. */
export function addProductOrder(
  product_id: string,
  share: ProductShare,
  context: ProjectContext,
): void {
  if (!share.orders && !share.units && !share.revenue && !share.returned) return
  const product = context.workspace.edit('products', product_id, newProduct)
  product.orders += share.orders
  product.units_sold += share.units
  product.revenue = plus(product.revenue, share.revenue)
  product.units_returned += share.returned
}
