import { ShoplakeError } from '../errors.ts'
import type { StoreDocument, StoreTable } from '../ports.ts'
import { type Call, flagParam, type Handler, jsonAnswer, textParam } from './call.ts'
import type { AppDeps } from './deps.ts'
import { documentOut, isKey, pageOf } from './page.ts'

type StateRoute =
  | 'listOrders'
  | 'getOrder'
  | 'listCustomers'
  | 'getCustomer'
  | 'listProducts'
  | 'getProduct'
  | 'listSessions'
  | 'getSession'
  | 'listInventory'

/** Current state, from the store. */
export function storeHandlers(deps: AppDeps): { [N in StateRoute]: Handler } {
  return {
    listOrders: listOrders(deps),
    getOrder: getOne(deps, 'orders', 'order'),
    listCustomers: listByKey(deps, 'customers'),
    getCustomer: getOne(deps, 'customers', 'customer'),
    listProducts: listByKey(deps, 'products'),
    getProduct: getOne(deps, 'products', 'product'),
    listSessions: listByKey(deps, 'sessions'),
    getSession: getOne(deps, 'sessions', 'session'),
    listInventory: listInventory(deps),
  }
}

function getOne({ store }: AppDeps, table: StoreTable, word: string): Handler {
  return async (call) => {
    const id = call.param('id')
    const document = isKey(id) ? await store.get(table, id) : undefined
    if (document) return jsonAnswer(200, documentOut(document))
    throw new ShoplakeError('not_found', `there is no ${word} ${JSON.stringify(id.slice(0, 200))}`)
  }
}

function listByKey({ store }: AppDeps, table: StoreTable): Handler {
  return async (call) => jsonAnswer(200, await pageOf(store, call, { table }))
}

/** The latest first; with customer_id, theirs. */
function listOrders({ store }: AppDeps): Handler {
  return async (call) => {
    const customer = idParam(call, 'customer_id')
    const orderOf = async (entry: StoreDocument) => {
      const order = await store.get('orders', String(entry.order_id))
      // An id may hold a slash itself, and then lies among the keys of a shorter one.
      return customer === undefined || order?.customer_id === customer ? order : undefined
    }
    const range = prefixRange(customer === undefined ? 'time/' : `customer/${customer}/`)
    const scan = { table: 'order_index', ...range, reverse: true } as const
    return jsonAnswer(200, await pageOf(store, call, scan, orderOf))
  }
}

function listInventory({ store }: AppDeps): Handler {
  return async (call) => {
    const product = idParam(call, 'product_id')
    const lowOnly = flagParam(call, 'low')
    const range = product === undefined ? {} : prefixRange(`${product}/`)
    const pick = (stock: StoreDocument) => {
      if (product !== undefined && stock.product_id !== product) return undefined
      return lowOnly && stock.low !== true ? undefined : stock
    }
    return jsonAnswer(200, await pageOf(store, call, { table: 'stock', ...range }, pick))
  }
}

/** An id of the query, or undefined when absent. Throws bad_request. */
function idParam(call: Call, name: string): string | undefined {
  const id = textParam(call, name)
  if (id === undefined || isKey(id)) return id
  throw new ShoplakeError('bad_request', `${name} is too long to be one`)
}

/** Keys that begin with a prefix whose last character is a slash: up to the character behind it. */
function prefixRange(prefix: string): { from: string; to: string } {
  return { from: prefix, to: `${prefix.slice(0, -1)}0` }
}
