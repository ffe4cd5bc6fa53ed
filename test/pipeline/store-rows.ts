import fc from 'fast-check'
import { createErasure, type Row } from '../../src/pipeline/erase.ts'
import { projectRow } from '../../src/pipeline/project.ts'
import { createHorizons, type ProjectContext } from '../../src/pipeline/project-context.ts'
import { createWorkspace, type DocumentSource } from '../../src/pipeline/project-workspace.ts'
import type { StoreTable } from '../../src/ports.ts'
import type { EventType } from '../../src/schema/registry.ts'

export const SECRET = new Uint8Array(32).fill(7)
const NOON = Date.parse('2025-02-01T12:00:00Z')

export interface TypedRow {
  readonly type: EventType
  readonly row: Row
}

/** A canonical row as the door makes it: `minute` after noon is both occurred_at and in the event_id. */
export function rowOf(
  type: EventType,
  minute: number,
  fields: { readonly [column: string]: unknown },
): TypedRow {
  const occurred_at = new Date(NOON + minute * 60_000).toISOString()
  const row = {
    event_id: `${type}:${minute}`,
    occurred_at,
    received_at: new Date(NOON + 3_600_000).toISOString(),
    source: 'shop',
    source_kind: 'server',
    bot: false,
    ...fields,
  }
  return { type, row }
}

const EMPTY: DocumentSource = { get: () => undefined, pages: () => [] }

/** Everything that is in the store after rows, by table and key, as JSON would keep it. */
export type Dump = { [table: string]: { [key: string]: unknown } }

/** Projects rows in memory, committing every `commitEvery` rows; returns all documents, as they would be read back. */
export function dumpOf(rows: readonly TypedRow[], commitEvery = 1000): Dump {
  const stored = new Map<StoreTable, Map<string, unknown>>()
  const workspace = createWorkspace(
    {
      get: (table, key) => structuredClone(stored.get(table)?.get(key)) as never,
      pages: (table, prefix) => [
        [...(stored.get(table) ?? [])].filter(([key]) => key.startsWith(prefix)) as never,
      ],
    },
    0,
  )
  const context = contextOf(workspace)
  const erasure = createErasure({ secret: SECRET, lookup: () => undefined, any: () => false })
  const commit = () => {
    for (const { table, key, document } of workspace.changes()) {
      if (!stored.has(table)) stored.set(table, new Map())
      if (document === null) stored.get(table)!.delete(key)
      else stored.get(table)!.set(key, JSON.parse(JSON.stringify(document)))
    }
    workspace.committed()
  }
  for (const [index, { type, row }] of rows.entries()) {
    projectRow(type, row, erasure, context)
    if ((index + 1) % commitEvery === 0) commit()
  }
  commit()
  const filled = [...stored].filter(([, documents]) => documents.size > 0)
  return Object.fromEntries(filled.map(([table, all]) => [table, Object.fromEntries(all)]))
}

export function contextOf(workspace = createWorkspace(EMPTY)): ProjectContext {
  return { workspace, shop_currency: 'USD', low_stock_at: 5, horizon: createHorizons(0), place: 0 }
}

/** The rows in any order, some of them more than once. */
export function anyOrder(rows: readonly TypedRow[]): fc.Arbitrary<TypedRow[]> {
  return fc
    .tuple(
      fc.shuffledSubarray([...rows], { minLength: rows.length, maxLength: rows.length }),
      fc.array(fc.constantFrom(...rows), { maxLength: 6 }),
    )
    .chain(([all, again]) =>
      fc.shuffledSubarray([...all, ...again], { minLength: all.length + again.length }),
    )
}

/** Rows of one order by several sources: placed up to three times, paid, shipped, delivered, refunded, cancelled. */
export function lifecycles(): fc.Arbitrary<TypedRow[]> {
  return fc
    .array(lifecycleRow(), { minLength: 1, maxLength: 9 })
    .map((rows) =>
      rows.map(({ type, row }, index) => ({ type, row: { ...row, event_id: `e${index}` } })),
    )
}

const money = fc.integer({ min: 1, max: 9999 }).map((cents) => String(cents / 100))

function lifecycleRow(): fc.Arbitrary<TypedRow> {
  const kind = fc.constantFrom('server', 'import', 'webhook', 'browser')
  const part = fc.option(fc.constantFrom('a', 'b'), { nil: undefined })
  return fc
    .record({
      type: fc.constantFrom(
        'order_created',
        'order_paid',
        'order_shipped',
        'order_delivered',
        'order_refunded',
        'order_cancelled',
      ),
      minute: fc.integer({ min: 0, max: 6 }),
      source_kind: kind,
      amount: money,
      total_amount: money,
      currency: fc.constantFrom('USD', 'USD', 'EUR', undefined),
      customer_id: fc.constantFrom(undefined, 'c1', 'c2'),
      session_id: fc.constantFrom(undefined, 's1'),
      part,
      items: fc.array(
        fc.record({
          product_id: fc.constantFrom('p1', 'p2', '__proto__'),
          quantity: fc.integer({ min: 1, max: 5 }),
          price: money,
        }),
        { minLength: 1, maxLength: 3 },
      ),
      rated: fc.boolean(),
    })
    .map(({ type, minute, part, rated, items, total_amount, amount, ...fields }) => {
      const priced = type === 'order_created' ? { items, total_amount } : { amount }
      const returned = type === 'order_refunded' && rated ? { items } : {}
      const value = type === 'order_created' ? total_amount : amount
      return rowOf(type as EventType, minute, {
        order_id: 'o1',
        ...JSON.parse(JSON.stringify(fields)),
        ...priced,
        ...returned,
        ...(rated && { shop_value: value, fx_rate: 1.25 }),
        ...(part && { payment_id: part, refund_id: part, shipment_id: part, reason: part }),
      })
    })
}
