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
 * orders the erased_id, and drops what names or follows them. Counts and money stay. Doing it again changes nothing.
 * Looks through whole tables: yields between pages, so that the caller can let others run; the documents are whole only
 * at the end.
 */
export function* buryCustomer(
  tombstone: Tombstone,
  secret: Uint8Array,
  context: ProjectContext,
): Generator<void, void> {
  const { workspace } = context
  const customer = workspace.get('customers', tombstone.customer_id)
  const browsers = new Set([...tombstone.anonymous_ids, ...(customer?.anonymous_ids ?? [])])
  const kept = workspace.get('tombstones', tombstoneKey(secret, 'customer', tombstone.customer_id))
  const isKept = (id: string) => workspace.get('tombstones', tombstoneKey(secret, 'anonymous', id))
  // It comes in every bucket: once it is kept, no row can name the person any more.
  if (kept && !customer && [...browsers].every(isKept)) return
  const erased_id = kept?.erased_id ?? tombstone.erased_id
  const document = { erased_id, requested_at: formatTimestamp(tombstone.requested_at) }
  const people = [
    ['customer', tombstone.customer_id] as const,
    ...[...browsers].map((id) => ['anonymous', id] as const),
  ]
  for (const [kind, id] of people) {
    workspace.put('tombstones', tombstoneKey(secret, kind, id), document)
  }
  for (const anonymous_id of browsers) workspace.remove('identities', anonymous_id)
  if (customer) moveCustomer(customer, erased_id, context)
  yield* eraseOrders(tombstone.customer_id, browsers, erased_id, context)
  yield* eraseSessions(tombstone.customer_id, browsers, erased_id, context)
  yield* eraseDeadLetters([tombstone.customer_id, ...browsers], context)
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

function* eraseOrders(
  customer_id: string,
  browsers: ReadonlySet<string>,
  erased_id: string,
  context: ProjectContext,
): Generator<void, void> {
  const { workspace } = context
  for (const found of documentsOf('orders', context)) {
    if (!found) {
      yield
      continue
    }
    const [order_id, order] = found
    const theirs = order.customer_id === customer_id || browsers.has(order.anonymous_id ?? '')
    if (!theirs) continue
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

function* eraseSessions(
  customer_id: string,
  browsers: ReadonlySet<string>,
  erased_id: string,
  context: ProjectContext,
): Generator<void, void> {
  const { workspace } = context
  for (const found of documentsOf('sessions', context)) {
    if (!found) {
      yield
      continue
    }
    const [key, session] = found
    const theirs = session.customer_id === customer_id || browsers.has(session.anonymous_id ?? '')
    if (!theirs) continue
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
  for (const found of documentsOf('dead_letters', context)) {
    if (!found) {
      yield
      continue
    }
    const [key, letter] = found
    if (letter.raw === '' || !ids.some((id) => mentions(letter, id))) continue
    context.workspace.put('dead_letters', key, withoutRaw(letter))
  }
}

/** The dead letter without the bytes that were refused. */
export function withoutRaw(letter: DeadLetterDocument): DeadLetterDocument {
  return { ...letter, raw: '', truncated: true, message: 'erased with the person it named' }
}

function mentions(letter: DeadLetterDocument, id: string): boolean {
  const raw =
    letter.raw_encoding === 'base64'
      ? Buffer.from(letter.raw, 'base64').toString('utf8')
      : letter.raw
  const quoted = JSON.stringify(id).slice(1, -1)
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
