import { isErased } from '../schema/erased.ts'
import { formatMoney } from '../schema/money.ts'
import type { EventType } from '../schema/registry.ts'
import type { CartFact, SessionDocument } from './documents.ts'
import type { Row } from './erase.ts'
import type { OrderEffect } from './order-effect.ts'
import { amountOf, convert } from './project-amount.ts'
import { momentOf, type ProjectContext, textOf } from './project-context.ts'

export const VIEWED_LIMIT = 10
export const ORDERS_LIMIT = 20
/** Products of one cart; what goes beyond is not shown. */
export const CART_LIMIT = 200

/** What the first event of a visit says about where it came from. */
const FIRST = ['referrer', 'channel', 'utm_source', 'utm_medium', 'utm_campaign', 'device'] as const

function newSession(session_id: string): SessionDocument {
  return {
    session_id,
    first_at: '',
    last_at: '',
    events: 0,
    page_views: 0,
    product_views: 0,
    product_clicks: 0,
    searches: 0,
    products: [],
    cart: [],
    cart_value: '0',
    cart_units: 0,
    order_ids: [],
    converted: false,
    merge: { first: '', cart: [] },
  }
}

/** Key of the visit: session_id, else browser or customer with the UTC day; undefined where the row names nobody or one erased. */
export function sessionKey(row: Row): string | undefined {
  const session_id = textOf(row, 'session_id')
  if (session_id !== undefined) return session_id
  const day = (row.occurred_at as string).slice(0, 10)
  const anonymous_id = textOf(row, 'anonymous_id')
  if (anonymous_id !== undefined) return `browser:${anonymous_id}:${day}`
  const customer_id = textOf(row, 'customer_id')
  if (customer_id === undefined || isErased(customer_id)) return undefined
  return `customer:${customer_id}:${day}`
}

/** What a website event does to its visit beside being one of its events. */
type TakeVisit = (session: SessionDocument, row: Row, context: ProjectContext) => void

const TAKE: { readonly [T in EventType]?: TakeVisit } = {
  page_view: (session) => void session.page_views++,
  product_view: (session, row) => {
    session.product_views++
    viewInSession(session, row)
  },
  product_click: (session) => void session.product_clicks++,
  search: (session) => void session.searches++,
  add_to_cart: (session, row, context) => cartInSession(session, row, 1, context),
  remove_from_cart: (session, row, context) => cartInSession(session, row, -1, context),
  checkout_started: (session, row) => {
    const at = row.occurred_at as string
    if (session.checkout_at === undefined || at > session.checkout_at) session.checkout_at = at
  },
  custom_event: () => {},
}

/**
 * Takes a website event into its visit; other events, a bot's, and what came too late for the visit are passed over. All events of
 * a visit come through one bucket, so that its place tells what it has taken: an event may be taken twice.
 */
export function takeVisit(type: EventType, row: Row, context: ProjectContext): void {
  const take = TAKE[type]
  if (!take || row.bot === true) return
  const session = sessionOf(row, context, context.workspace.editLater)
  const { place } = context
  if (!session || place <= (session.merge.at ?? -1)) return
  if (place > 0) session.merge.at = place
  see(session, row, context)
  session.events++
  take(session, row, context)
}

/** An order that names its visit: it is seen, and not counted, so that it may come again. */
export function seeSession(row: Row, context: ProjectContext): void {
  const session = sessionOf(row, context, context.workspace.edit)
  if (session) see(session, row, context)
}

function sessionOf(
  row: Row,
  context: ProjectContext,
  edit: ProjectContext['workspace']['edit'],
): SessionDocument | undefined {
  const key = sessionKey(row)
  if (key === undefined || (row.occurred_at as string) < context.horizon(row).sessions) {
    return undefined
  }
  return edit('sessions', key, newSession)
}

function see(session: SessionDocument, row: Row, { live }: ProjectContext): void {
  const { merge, first_at } = session
  const at = row.occurred_at as string
  const event_id = row.event_id as string
  if (first_at === '' || at < first_at || (at === first_at && event_id < merge.first)) {
    merge.first = event_id
    takeFirst(session, row)
  }
  if (at > session.last_at) session.last_at = at
  takePerson(session, 'customer_id', row)
  takePerson(session, 'anonymous_id', row)
  live?.visitor(session, at)
}

function takeFirst(session: SessionDocument, row: Row): void {
  session.first_at = row.occurred_at as string
  const target = session as unknown as { [field: string]: unknown }
  for (const field of FIRST) {
    if (typeof row[field] === 'string') target[field] = row[field]
    else delete target[field]
  }
  const page = textOf(row, 'page_url')
  if (page === undefined) delete session.landing_page
  else session.landing_page = page
}

/** A visit has one person: should events disagree, the least id stands, whatever came first. */
function takePerson(
  session: SessionDocument,
  field: 'customer_id' | 'anonymous_id',
  row: Row,
): void {
  const value = row[field]
  if (typeof value !== 'string') return
  const held = session[field]
  if (held === undefined || value < held) session[field] = value
}

/** product_view: the products looked at last. */
function viewInSession(session: SessionDocument, row: Row): void {
  const product_id = row.product_id as string
  const viewed_at = row.occurred_at as string
  const { products } = session
  const held = products.find((view) => view.product_id === product_id)
  if (held && held.viewed_at >= viewed_at) return
  if (held) held.viewed_at = viewed_at
  else products.push({ product_id, viewed_at })
  products.sort(latestFirst)
  if (products.length > VIEWED_LIMIT) products.length = VIEWED_LIMIT
}

/** The order of `products` of a visit. */
export function latestFirst(
  a: { product_id: string; viewed_at: string },
  b: { product_id: string; viewed_at: string },
): number {
  if (a.viewed_at !== b.viewed_at) return a.viewed_at < b.viewed_at ? 1 : -1
  return a.product_id < b.product_id ? -1 : 1
}

/** add_to_cart (`sign` 1) and remove_from_cart (-1). */
function cartInSession(
  session: SessionDocument,
  row: Row,
  sign: 1 | -1,
  context: ProjectContext,
): void {
  const fact = cartFact(session, row.product_id as string)
  if (!fact) return
  fact.net += sign * (row.quantity as number)
  takePrice(fact, row, context.shop_currency)
  const at = row.occurred_at as string
  if (session.cart_at === undefined || at > session.cart_at) session.cart_at = at
  presentCart(session, context)
}

function takePrice(fact: CartFact, row: Row, shopCurrency: string): void {
  const price = textOf(row, 'price')
  if (price === undefined) return
  const stamp = momentOf(row)
  if (fact.priced && fact.priced.stamp >= stamp) return
  const currency = textOf(row, 'currency') ?? shopCurrency
  const rate = currency === shopCurrency ? 1 : (row.fx_rate as number | undefined)
  fact.priced = { stamp, price, currency, ...(typeof rate === 'number' && { rate }) }
}

function cartFact({ merge }: SessionDocument, product_id: string): CartFact | undefined {
  const held = merge.cart.find((fact) => fact.product_id === product_id)
  if (held) return held
  if (merge.cart.length >= CART_LIMIT) return undefined
  const fact: CartFact = { product_id, net: 0, bought: 0 }
  merge.cart.push(fact)
  merge.cart.sort((a, b) => (a.product_id < b.product_id ? -1 : 1))
  return fact
}

/** Adds what an order means to its visit, or takes it back: the visit converted, and the cart gave what was bought. */
export function addSessionOrder(
  effect: OrderEffect,
  sign: 1 | -1,
  oldest: string,
  context: ProjectContext,
): void {
  if (effect.session_id === undefined || effect.created_at < oldest) return
  const session = context.workspace.edit('sessions', effect.session_id, newSession)
  const others = session.order_ids.filter((order_id) => order_id !== effect.order_id)
  session.order_ids = sign === 1 ? [...others, effect.order_id].sort() : others
  if (session.order_ids.length > ORDERS_LIMIT) session.order_ids.length = ORDERS_LIMIT
  session.converted = session.order_ids.length > 0
  for (const line of effect.items) {
    const fact = cartFact(session, line.product_id)
    if (fact) fact.bought += sign * line.quantity
  }
  presentCart(session, context)
}

/** Computes what a visit shows of its cart from the facts it keeps, in place. */
export function presentCart(
  session: SessionDocument,
  { live }: Pick<ProjectContext, 'live'>,
): void {
  let value = 0n
  let units = 0
  session.cart = []
  // What was taken back whole leaves nothing behind, as if it had never come.
  session.merge.cart = session.merge.cart.filter(isSomething)
  for (const fact of session.merge.cart) {
    const quantity = fact.net - fact.bought
    if (quantity <= 0) continue
    const { price, currency, rate } = fact.priced ?? {}
    session.cart.push({
      product_id: fact.product_id,
      quantity,
      ...(price !== undefined && { price, currency: currency! }),
    })
    units += quantity
    if (rate !== undefined) value += convert(amountOf(price) * BigInt(quantity), rate)
  }
  session.cart_units = units
  session.cart_value = formatMoney(value)
  live?.cart(session.session_id, session.cart_at ?? '', units > 0 ? value : undefined)
}

function isSomething(fact: CartFact): boolean {
  return fact.net !== 0 || fact.bought !== 0 || fact.priced !== undefined
}
