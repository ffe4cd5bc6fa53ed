import type { StoreTable } from '../ports.ts'
import type { EventType } from '../schema/registry.ts'
import type { Documents } from './documents.ts'
import { dropIdentity, type Erasure, type Row } from './erase.ts'
import { effectOf } from './order-effect.ts'
import { type ProjectContext, textOf } from './project-context.ts'
import { identify, seeCustomer, seeOrdering, updateProfile } from './project-customer.ts'
import { markReplayed } from './project-dead-letter.ts'
import { countInMinute } from './project-live.ts'
import { mergeOrder, newOrder } from './project-order.ts'
import { moveOrder } from './project-order-effects.ts'
import {
  cartProduct,
  clickProduct,
  observeLines,
  reviewProduct,
  uncartProduct,
  updateCatalogue,
  viewProduct,
} from './project-product.ts'
import { seeSession, takeVisit } from './project-session.ts'
import { moveStock } from './project-stock.ts'
import { createWorkspace } from './project-workspace.ts'

type Project = (row: Row, context: ProjectContext) => void

/** What each event type does to documents, beside what every event does to its visit and its customer. */
const PROJECTIONS: { readonly [T in EventType]: Project } = {
  order_created: (row, context) => {
    observeLines(row, context)
    const customer_id = textOf(row, 'customer_id')
    if (customer_id !== undefined) seeOrdering(customer_id, row.occurred_at as string, context)
    if (textOf(row, 'session_id') !== undefined) seeSession(row, context)
    projectOrder('order_created', row, context)
  },
  order_paid: (row, context) => projectOrder('order_paid', row, context),
  order_shipped: (row, context) => projectOrder('order_shipped', row, context),
  order_delivered: (row, context) => projectOrder('order_delivered', row, context),
  order_cancelled: (row, context) => projectOrder('order_cancelled', row, context),
  order_refunded: (row, context) => {
    observeLines(row, context)
    projectOrder('order_refunded', row, context)
  },
  page_view: humans((row, context) => countInMinute(row, 'page_views', context)),
  product_view: humans((row, context) => {
    viewProduct(row, context)
    countInMinute(row, 'product_views', context)
  }),
  product_click: humans((row, context) => {
    clickProduct(row, context)
    countInMinute(row, 'product_clicks', context)
  }),
  search: humans((row, context) => countInMinute(row, 'searches', context)),
  add_to_cart: humans((row, context) => {
    cartProduct(row, context)
    countInMinute(row, 'carts', context)
  }),
  remove_from_cart: humans(uncartProduct),
  checkout_started: humans((row, context) => countInMinute(row, 'checkouts', context)),
  review_submitted: reviewProduct,
  inventory_updated: moveStock,
  product_created: updateCatalogue,
  product_updated: updateCatalogue,
  customer_updated: updateProfile,
  customer_identified: identify,
  custom_event: () => {},
}

/**
 * Changes the workspace's documents by one accepted event. Counts of website events leave bots out. Every projection is
 * commutative; those of orders, stock and reviews are idempotent too. Throws a plain Error on a row that no validator
 * would have let through: some documents may then be half changed, and the caller discards the workspace.
 */
export function projectRow(
  type: EventType,
  row: Row,
  erasure: Erasure,
  context: ProjectContext,
): void {
  const known = withoutErased(type, row, erasure)
  PROJECTIONS[type](known, context)
  takeVisit(type, known, context)
  followCustomer(known, context)
  const replayOf = textOf(known, 'replay_of')
  if (replayOf !== undefined) markReplayed(replayOf, known.received_at as string, context)
}

/**
 * The part of projectRow whose changes may wait for a later commit, those of visit and customer: makes again what a crash has
 * taken, and changes nothing where it has not. A customer who is not there was deleted since.
 */
export function followAgain(
  type: EventType,
  row: Row,
  erasure: Erasure,
  context: ProjectContext,
): void {
  const known = withoutErased(type, row, erasure)
  takeVisit(type, known, context)
  const customer_id = textOf(known, 'customer_id')
  if (customer_id === undefined || !context.workspace.get('customers', customer_id)) return
  followCustomer(known, context)
}

function withoutErased(type: EventType, row: Row, erasure: Erasure): Row {
  const erased = erasure.erasedAs(row)
  return erased === undefined ? row : dropIdentity(type, row, erased)
}

function followCustomer(row: Row, context: ProjectContext): void {
  const customer_id = textOf(row, 'customer_id')
  if (customer_id !== undefined) seeCustomer(customer_id, row.occurred_at as string, context)
}

/**
 * As projectRow, but on copies, which reach the workspace only when the whole row went well: after a throw nothing is
 * changed. Dearer; for rows that are known or likely to throw. A document that the store would have no room for is a reason to throw.
 */
export function projectAlone(
  type: EventType,
  row: Row,
  erasure: Erasure,
  context: ProjectContext,
): void {
  const { workspace } = context
  const source = {
    get: <T extends StoreTable>(table: T, key: string) =>
      structuredClone(workspace.get(table, key)) as Documents[T] | undefined,
    pages: workspace.pages,
  }
  const trial = createWorkspace(source, 0)
  projectRow(type, row, erasure, { ...context, workspace: trial })
  const changes = [...trial.changes()]
  const outsized = changes.find((change) => context.fits?.(change) === false)
  if (outsized) throw new Error(`its document in ${outsized.table} would be too large to keep`)
  for (const { table, key, document } of changes) {
    if (document === null) workspace.remove(table, key)
    else workspace.put(table, key, document as never)
  }
}

function humans(project: Project): Project {
  return (row, context) => {
    if (row.bot !== true) project(row, context)
  }
}

function projectOrder(type: EventType, row: Row, context: ProjectContext): void {
  const { workspace, shop_currency } = context
  const order = workspace.edit('orders', row.order_id as string, (key) =>
    newOrder(key, shop_currency),
  )
  const before = effectOf(order)
  mergeOrder(order, type, row, shop_currency)
  moveOrder(before, effectOf(order), context.horizon(row), context)
}
