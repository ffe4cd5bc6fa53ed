import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TABLES } from '../../src/derive/table.ts'
import type { RowLine } from '../../src/ports.ts'
import { compileReport } from '../../src/reports/compile.ts'
import { compileModels } from '../../src/reports/models.ts'
import type { EventType } from '../../src/schema/registry.ts'
import { type LakeHome, makeLakeHome, type OpenLake, rowLine, span } from '../lake-fixture.ts'
import { allModels, allReports, type Event, NOW, storedRow } from './lake.ts'
import { restlessShop } from './restless.ts'

const models = allModels()
const VIEWS = compileModels(models, 'duckdb')
const KEPT = VIEWS.filter((view) => view.kept)
/** Each look at the clock is a minute later, so that nothing has to be waited for. */
let minutes = 0
const OPTIONS = { models: VIEWS, now: () => NOW + 60_000 * minutes++ }
/** A quoted date; file names are longer texts. */
const OPEN_DAYS = /'(2025-\d\d-\d\d)'/g
const RANGE = { from: '2025-01-06', to: '2025-01-12' }

let home: LakeHome
let number = 0
let sequence = 0

beforeEach(async () => {
  home = await makeLakeHome()
  minutes = 0
  number = 0
  sequence = 0
})

afterEach(() => home.remove())

describe('rows of models that are kept by day', () => {
  it('are those that the events give, whatever comes late, starts again or is erased', async () => {
    const shop = await home.open(OPTIONS)
    await commit(shop, [...restlessShop(6), ERASED])
    await expectSame(shop, 'hot')
    expect(keptFiles()).toEqual([])
    await shop.lake.flush()
    await shop.lake.maintain()
    const kept = keptFiles()
    const names = new Set(kept.map((file) => file.split('/')[0]))
    expect(names).toEqual(new Set(KEPT.map((view) => view.name)))
    expect(await openDays(shop)).toEqual([])
    await expectSame(shop, 'kept')
    await expectSameReports(shop)
    await shop.close()

    const again = await home.open(OPTIONS)
    expect(keptFiles()).toEqual(kept)
    await commit(again, lateEvents())
    expect(await openDays(again)).toEqual(expect.arrayContaining(['2025-01-06', '2025-01-10']))
    await expectSame(again, 'late and hot')
    await again.lake.flush()
    await again.lake.maintain()
    expect(await openDays(again)).toEqual([])
    const gone = kept.filter((file) => !keptFiles().includes(file))
    expect(gone.length).toBeGreaterThan(0)
    expect(gone.length).toBeLessThan(kept.length)
    await expectSame(again, 'made again')

    expect(await namedIn(again, 'c-erased')).toBe(true)
    await again.lake.erase(TOMBSTONE, span(0, ++sequence))
    await again.lake.maintain()
    expect(await namedIn(again, 'c-erased')).toBe(false)
    await expectSame(again, 'erased')
  }, 60_000)

  it('wait until the days around them are over', async () => {
    const shop = await home.open({ ...OPTIONS, now: () => Date.parse('2025-01-09T12:00:00Z') })
    await commit(shop, restlessShop(6))
    await shop.lake.flush()
    await shop.lake.maintain()
    const days = keptFiles()
      .filter((file) => file.startsWith('visits/'))
      .map((file) => file.split('/')[1])
    expect(days.at(-1)).toBe('dt=2025-01-07')
  }, 60_000)
})

const WHO = { customer_id: 'c-erased', anonymous_id: 'a-erased', session_id: 's-erased' }
const ERASED: Event = { event_type: 'page_view', occurred_at: '2025-01-05T10:00:00.000Z', ...WHO }
const TOMBSTONE = {
  ...{ customer_id: 'c-erased', anonymous_ids: ['a-erased'], erased_id: 'erased:1' },
  requested_at: NOW,
}

async function expectSameReports(shop: OpenLake): Promise<void> {
  for (const [name, report] of allReports()) {
    if (!report.models.some((model) => ['sessions', 'placed_orders', 'carts'].includes(model)))
      continue
    const dated = report.parameters.some((parameter) => parameter.name === 'from')
    const run = async (kept: boolean) => {
      const options = { dialect: 'duckdb', today: '2025-02-01', now: NOW, models, kept } as const
      const { sql, params } = compileReport(report, dated ? RANGE : {}, options)
      return rowsOf(shop, sql, params)
    }
    expect(await run(true), name).toEqual(await run(false))
  }
}

/** Every kept model's view against the model evaluated over the events as they are. */
async function expectSame(shop: OpenLake, when: string): Promise<void> {
  for (const { name, sql } of KEPT) {
    const told = await shop.query(`SELECT CAST(t AS VARCHAR) FROM ${name} AS t ORDER BY 1`)
    const columns = (await shop.query(`SELECT column_name FROM (DESCRIBE ${name})`)).flat()
    const meant = `SELECT ${columns.join(', ')} FROM (${sql})`
    const truth = await shop.query(`SELECT CAST(t AS VARCHAR) FROM (${meant}) AS t ORDER BY 1`)
    expect(truth.length, name).toBeGreaterThan(0)
    expect(told, `${name}, ${when}`).toEqual(truth)
  }
}

/** Ends of the ranges of days that the view of visits still takes from the events. */
async function openDays(shop: OpenLake): Promise<unknown[]> {
  const [[sql]] = (await shop.query(
    "SELECT sql FROM duckdb_views() WHERE view_name = 'visits'",
  )) as [[string]]
  return [...sql.matchAll(OPEN_DAYS)].map((match) => match[1])
}

function keptFiles(): string[] {
  const root = path.join(home.directory, 'lake', '.models')
  if (!existsSync(root)) return []
  return (readdirSync(root, { recursive: true }) as string[])
    .filter((name) => statSync(path.join(root, name)).isFile())
    .sort()
}

async function namedIn(shop: OpenLake, id: string): Promise<boolean> {
  const visits = keptFiles().filter((file) => file.startsWith('visits/'))
  const root = path.join(home.directory, 'lake', '.models')
  expect(visits.every((file) => readFileSync(path.join(root, file)).length > 0)).toBe(true)
  const names = visits.map((file) => `'${path.join(root, file)}'`).join(', ')
  const rows = await shop.query(
    `SELECT 1 FROM read_parquet([${names}]) WHERE customer_id = '${id}' LIMIT 1`,
  )
  return rows.length > 0
}

async function rowsOf(
  shop: OpenLake,
  sql: string,
  params: readonly (string | number)[],
): Promise<unknown[][]> {
  const text = sql.replace(/\$(\d+)/g, (_, place: string) => {
    const value = params[Number(place) - 1]!
    return typeof value === 'number' ? String(value) : `'${value}'`
  })
  return shop.query(text)
}

function lateEvents(): Event[] {
  const who = { session_id: 's-late', anonymous_id: 'a1' }
  return [
    {
      event_type: 'product_view',
      occurred_at: '2025-01-07T10:00:00.000Z',
      product_id: 'A',
      ...who,
    },
    { event_type: 'add_to_cart', occurred_at: '2025-01-07T23:59:00.000Z', product_id: 'A', ...who },
    { event_type: 'checkout_started', occurred_at: '2025-01-08T00:10:00.000Z', ...who },
    {
      event_type: 'order_created',
      occurred_at: '2025-01-08T00:20:00.000Z',
      ...{ order_id: 'o-late', total_amount: '10.0000', currency: 'USD', ...who },
      items: [{ product_id: 'A', quantity: 1, price: '10.0000' }],
    },
  ]
}

/** Commits events as the stream would bring them: canonical lines, columns in stored order. */
async function commit(shop: OpenLake, events: readonly Event[]): Promise<void> {
  const rows: { [type in EventType]?: RowLine[] } = {}
  sequence++
  for (const event of events) {
    const row = storedRow(event, number++)
    const columns = TABLES[event.event_type].columns.map((field) => field.name)
    const line = JSON.stringify(row, (key, value) =>
      key === ''
        ? Object.fromEntries(columns.filter((name) => name in row).map((name) => [name, row[name]]))
        : value,
    )
    const lines = rows[event.event_type] ?? []
    lines.push(rowLine(line, { sequence, received_at: NOW }))
    rows[event.event_type] = lines
  }
  await shop.lake.commit([span(0, sequence)], rows)
}
