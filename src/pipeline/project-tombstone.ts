import type { StoreTable, Tombstone } from '../ports.ts'
import { formatTimestamp } from '../schema/timestamp.ts'
import type {
  CustomerDocument,
  DeadLetterDocument,
  Documents,
  OrderDocument,
  SessionDocument,
} from './documents.ts'
import { tombstoneKey } from './erase.ts'
import type { ProjectContext } from './project-context.ts'
import { indexKeys } from './project-order-effects.ts'
import { presentOrder } from './project-order-status.ts'
import { shortHash } from './project-seen.ts'

/**
 * Erases a person from the store's documents: keeps the tombstone under keyed hashes, gives the customer's document and
 * orders the erased_id, and drops what names or follows them. Counts and money stay. The same tombstone again changes
 * nothing; a later one of the same person keeps their first erased_id.
 * Looks through whole tables: yields between pages, so that the caller can let others run; the documents are whole only
 * at the end. Returns the browsers that the tombstone did not name, since their link was on its way.
 */
export function* buryCustomer(
  tombstone: Tombstone,
  secret: Uint8Array,
  context: ProjectContext,
): Generator<void, readonly string[]> {
  const { workspace } = context
  const customer = workspace.get('customers', tombstone.customer_id)
  const browsers = new Set([...tombstone.anonymous_ids, ...(customer?.anonymous_ids ?? [])])
  const kept = workspace.get('tombstones', tombstoneKey(secret, 'customer', tombstone.customer_id))
  const isKept = (id: string) => workspace.get('tombstones', tombstoneKey(secret, 'anonymous', id))
  const asked = formatTimestamp(tombstone.requested_at)
  // It comes in every bucket: once it is kept, no row can name the person any more. What was refused since may, so a later
  // one looks again.
  const isAgain = kept !== undefined && kept.requested_at < asked
  if (kept && !isAgain && !customer && [...browsers].every(isKept)) return []
  const erased_id = kept?.erased_id ?? tombstone.erased_id
  const document = { erased_id, requested_at: kept && !isAgain ? kept.requested_at : asked }
  const people = [
    ['customer', tombstone.customer_id] as const,
    ...[...browsers].map((id) => ['anonymous', id] as const),
  ]
  for (const [kind, id] of people) {
    workspace.put('tombstones', tombstoneKey(secret, kind, id), document)
  }
  for (const anonymous_id of browsers) workspace.remove('identities', anonymous_id)
  if (customer) moveCustomer(customer, erased_id, context)
  const isTheirs = (document: Named) =>
    document.customer_id === tombstone.customer_id || browsers.has(document.anonymous_id ?? '')
  const erasedAs = (document: Named) => (isTheirs(document) ? erased_id : undefined)
  yield* erasePast(erasedAs, [tombstone.customer_id, ...browsers], context)
  const named = new Set(tombstone.anonymous_ids)
  return [...browsers].filter((id) => !named.has(id))
}

/**
 * Marks a browser that turns out to be an erased person's after the erase: its events name nobody from now on. Its past
 * waits for buryBrowsers, so that a thousand such browsers need one look through the tables and not a thousand.
 */
export function markBrowser(
  anonymous_id: string,
  tombstone: { readonly erased_id: string; readonly requested_at: string },
  secret: Uint8Array,
  { workspace }: ProjectContext,
): void {
  const { erased_id, requested_at } = tombstone
  const key = tombstoneKey(secret, 'anonymous', anonymous_id)
  workspace.put('tombstones', key, { erased_id, requested_at, anonymous_id })
  workspace.remove('identities', anonymous_id)
}

/** Erases the past of all marked browsers, as buryCustomer does, and their marks. */
export function* buryBrowsers(context: ProjectContext): Generator<void, void> {
  const { workspace } = context
  const erasedAs = new Map<string, string>()
  for (const page of workspace.pages('tombstones', '')) {
    for (const [key, { anonymous_id, ...tombstone }] of page) {
      if (anonymous_id === undefined) continue
      erasedAs.set(anonymous_id, tombstone.erased_id)
      workspace.put('tombstones', key, tombstone)
    }
    yield
  }
  if (erasedAs.size === 0) return
  const byBrowser = ({ anonymous_id }: Named) => erasedAs.get(anonymous_id ?? '')
  yield* erasePast(byBrowser, [...erasedAs.keys()], context)
}

/** What an order or visit says of whose it is. */
type Named = Pick<OrderDocument, 'customer_id' | 'anonymous_id'>
/** The erased_id that takes the person's place, undefined where the document is nobody's who was erased. */
type ErasedAs = (document: Named) => string | undefined

function* erasePast(
  erasedAs: ErasedAs,
  ids: readonly string[],
  context: ProjectContext,
): Generator<void, void> {
  yield* eraseOrders(erasedAs, context)
  yield* eraseSessions(erasedAs, context)
  yield* eraseDeadLetters(ids, context)
}

function moveCustomer(
  customer: CustomerDocument,
  erased_id: string,
  { workspace }: ProjectContext,
): void {
  const { name, email_hash, phone_hash, ...kept } = customer
  const { name: n, email_hash: e, phone_hash: p, ...stamps } = customer.merge.stamps
  workspace.remove('customers', customer.customer_id)
  workspace.put('customers', erased_id, {
    ...kept,
    customer_id: erased_id,
    anonymous_ids: [],
    merge: { stamps, browsers: [] },
  })
}

function* eraseOrders(erasedAs: ErasedAs, context: ProjectContext): Generator<void, void> {
  const { workspace } = context
  for (const found of documentsOf('orders', context)) {
    if (!found) {
      yield
      continue
    }
    const [order_id, order] = found
    const erased_id = erasedAs(order)
    if (erased_id === undefined) continue
    for (const key of keysOf(order)) workspace.remove('order_index', key)
    const erased = withoutPerson(order, erased_id)
    workspace.put('orders', order_id, erased)
    for (const key of keysOf(erased)) workspace.put('order_index', key, { order_id })
  }
}

function keysOf(order: OrderDocument): string[] {
  return indexKeys({
    order_id: order.order_id,
    placed: order.merge.created !== undefined,
    created_at: order.created_at ?? '',
    customer_id: order.customer_id,
  })
}

function withoutPerson(order: OrderDocument, erased_id: string): OrderDocument {
  const erased = { ...structuredClone(order), customer_id: erased_id }
  presentOrder(erased)
  return erased
}

function* eraseSessions(erasedAs: ErasedAs, context: ProjectContext): Generator<void, void> {
  const { workspace } = context
  for (const found of documentsOf('sessions', context)) {
    if (!found) {
      yield
      continue
    }
    const [key, session] = found
    const erased_id = erasedAs(session)
    if (erased_id === undefined) continue
    workspace.remove('sessions', key)
    const erased = anonymousVisit(session, erased_id)
    workspace.put('sessions', erased.session_id, erased)
    context.live?.forget(key)
  }
}

function anonymousVisit(session: SessionDocument, erased_id: string): SessionDocument {
  const { anonymous_id, landing_page, referrer, ...kept } = session
  return {
    ...kept,
    session_id: `${erased_id}:${shortHash(`${erased_id}${session.session_id}`)}`,
    customer_id: erased_id,
  }
}

/** What was refused may name the person anywhere: its bytes go, the reason stays. */
function* eraseDeadLetters(ids: readonly string[], context: ProjectContext): Generator<void, void> {
  const namesThem = finderOf(ids)
  for (const found of documentsOf('dead_letters', context)) {
    if (!found) {
      yield
      continue
    }
    const [key, letter] = found
    if (letter.raw === '' || !namesThem(letter)) continue
    context.workspace.put('dead_letters', key, withoutRaw(letter))
  }
}

/** The dead letter without the bytes that were refused. */
export function withoutRaw(letter: DeadLetterDocument): DeadLetterDocument {
  return { ...letter, raw: '', truncated: true, message: 'erased with the person it named' }
}

/** Ids that are looked for anywhere in a text; of more, only those that stand between quotes, in one step for all. */
const ANYWHERE_LIMIT = 100

function finderOf(ids: readonly string[]): (letter: DeadLetterDocument) => boolean {
  if (ids.length <= ANYWHERE_LIMIT) return (letter) => ids.some((id) => mentions(letter, id))
  const quoted = new Set(ids.map(quotedText))
  return (letter) =>
    withoutEscapes(rawText(letter))
      .split('"')
      .some((text) => quoted.has(text))
}

function rawText({ raw, raw_encoding }: DeadLetterDocument): string {
  return raw_encoding === 'base64' ? Buffer.from(raw, 'base64').toString('utf8') : raw
}

/** As it stands between quotes in JSON. */
function quotedText(id: string): string {
  return JSON.stringify(id).slice(1, -1)
}

function mentions(letter: DeadLetterDocument, id: string): boolean {
  const raw = rawText(letter)
  const quoted = quotedText(id)
  const isIn = (text: string) => text.includes(id) || text.includes(quoted)
  return isIn(raw) || isIn(withoutEscapes(raw)) || letter.message.includes(id)
}

/** JSON text, also cut off or broken, with the escapes that need not be there written out, as many encoders leave them. */
function withoutEscapes(text: string): string {
  if (!text.includes('\\')) return text
  return text.replaceAll(/\\(?:\/|u([0-9a-fA-F]{4}))/g, (_, hex?: string) =>
    hex === undefined ? '/' : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

function* documentsOf<T extends StoreTable>(
  table: T,
  { workspace }: ProjectContext,
): Generator<[string, Documents[T]] | undefined> {
  for (const page of workspace.pages(table, '')) {
    yield* page
    yield undefined
  }
}
