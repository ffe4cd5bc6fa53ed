import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TABLES } from '../../src/derive/table.ts'
import { openLakeMeta } from '../../src/local/lake-meta.ts'
import type { RowLine } from '../../src/ports.ts'
import { compileReport } from '../../src/reports/compile.ts'
import { compileModels } from '../../src/reports/models.ts'
import type { EventType } from '../../src/schema/registry.ts'
import { createRandom } from '../../src/simulator/random.ts'
import { type LakeHome, makeLakeHome, type OpenLake, rowLine, span } from '../lake-fixture.ts'
import { allModels, allReports, type Event, NOW, storedRow } from './lake.ts'
import { restlessShop } from './restless.ts'

const models = allModels()
const VIEWS = compileModels(models, 'duckdb')
const KEPT = VIEWS.filter((view) => view.kept)
/** Between them they read every kept model. */
const REPORTS = [
  ...['campaigns', 'cart_abandonment', 'channels', 'data_quality', 'landing_pages'],
  ...['product_performance', 'sales_overview'],
  ...['search_terms', 'sessions_by_day', 'top_products', 'today'],
]
const RANGE = { from: '2025-01-06', to: '2025-01-12' }
const EVER = '0001-01-01..9999-12-31'
const WHO = { customer_id: 'c-erased', anonymous_id: 'a-erased', session_id: 's-erased' }
const ERASED: Event = { event_type: 'page_view', occurred_at: '2025-01-05T10:00:00.000Z', ...WHO }
const TOMBSTONE = {
  ...{ customer_id: 'c-erased', anonymous_ids: ['a-erased'], erased_id: 'erased:1' },
  requested_at: NOW,
}

let home: LakeHome
let clock: number
let number: number
let sequence: number

beforeEach(async () => {
  home = await makeLakeHome()
  clock = NOW
  number = 0
  sequence = 0
})

afterEach(() => home.remove())

describe('rows of models that are kept by day', () => {
  it('are those that the events give, in reports', async () => {
    const shop = await open()
    await commit(shop, restlessShop(6))
    expect(keptFiles()).toEqual([])
    await upkeep(shop)
    expect(new Set(keptFiles().map((file) => file.split('/')[0]))).toEqual(
      new Set(KEPT.map((view) => view.name)),
    )
    const expectAlike = async (name: string) => {
      const report = allReports().get(name)!
      const dated = report.parameters.some((parameter) => parameter.name === 'from')
      const run = (kept: boolean) => {
        const options = { dialect: 'duckdb', today: '2025-02-01', now: NOW, models, kept } as const
        const { sql, params } = compileReport(report, dated ? RANGE : {}, options)
        return shop.query(withValues(sql, params))
      }
      expect(await run(true), name).toEqual(await run(false))
    }
    // Nothing is read but kept files, whose columns stand in another order.
    await expectAlike('sales_overview')
    await commit(shop, lateEvents())
    for (const name of REPORTS) await expectAlike(name)
  }, 300_000)

  it('outlive a restart, and go with the files that they were made from', async () => {
    const shop = await open()
    await commit(shop, restlessShop(6))
    await upkeep(shop)
    const kept = keptFiles()
    const stray = path.join(home.directory, 'lake/.models/visits/dt=2025-01-06/0.parquet')
    writeFileSync(stray, 'made by another version')

    const again = await open()
    expect(keptFiles()).toEqual(kept)
    await commit(again, lateEvents())
    await again.lake.flush()

    const third = await open()
    const left = keptFiles()
    expect(left.length).toBeLessThan(kept.length)
    expect(left).toContain(kept.find((file) => file.startsWith('visit_days/dt=2025-01-10')))
    expect(left.filter((file) => file.startsWith('visit_days/dt=2025-01-07'))).toEqual([])
    await expectSame(third, KEPT)
  }, 300_000)

  it('hold nothing of an erased person', async () => {
    const shop = await open()
    await commit(shop, [...restlessShop(3), ERASED])
    await upkeep(shop)
    expect(namedIn('s-erased')).toBe(true)
    await shop.lake.erase(TOMBSTONE, span(0, ++sequence))
    await upkeep(shop)
    expect(shop.lake.erasures()).toMatchObject([{ files_pending: 0 }])
    expect(keptFiles().length).toBeGreaterThan(0)
    expect(namedIn('s-erased')).toBe(false)
  }, 300_000)

  it('hold nothing of an erased person where some of them could not be made', async () => {
    const shop = await open()
    await commit(shop, [...restlessShop(3), ERASED])
    const model = path.join(home.directory, 'lake/.models/visit_days')
    mkdirSync(model, { recursive: true })
    writeFileSync(path.join(model, 'dt=2025-01-07'), 'in the way')
    await expect(upkeep(shop)).rejects.toMatchObject({ code: 'lake_unavailable' })
    expect(keptFiles().some((file) => file.startsWith('visit_days/dt=2025-01-05'))).toBe(true)
    rmSync(path.join(model, 'dt=2025-01-07'))
    await shop.lake.erase(TOMBSTONE, span(0, ++sequence))
    await upkeep(shop)
    expect(shop.lake.erasures()).toMatchObject([{ files_pending: 0 }])
    expect(namedIn('s-erased')).toBe(false)
  }, 300_000)

  it('wait until the days around them are over', async () => {
    clock = Date.parse('2025-01-09T12:00:00Z')
    const shop = await open()
    await commit(shop, restlessShop(6))
    await upkeep(shop)
    const lastOf = (model: string) =>
      keptFiles()
        .filter((file) => file.startsWith(`${model}/dt=`))
        .at(-1)
    expect(lastOf('visits')).toContain('dt=2025-01-07')
    expect(lastOf('visit_days')).toContain('dt=2025-01-08')
    await expectSame(shop, KEPT)
  }, 300_000)

  it('of the other days are kept so far, and right for what comes then', async () => {
    clock = Date.parse('2025-01-08T12:00:00Z')
    const shop = await open()
    const isEarly = (_: Event, index: number) => index % 8 > 0
    const events = restlessShop(4)
    await commit(shop, events.filter(isEarly))
    await upkeep(shop)
    const keyed = KEPT.filter((view) => view.kept!.key)
    const soFar = keptFiles().filter((file) => file.includes('/so-far/'))
    expect(soFar.map((file) => file.split('/')[0])).toEqual(keyed.map((view) => view.name).sort())
    await commit(
      shop,
      events.filter((event, index) => !isEarly(event, index)),
    )
    await expectSame(shop, keyed)
    await shop.lake.flush()
    expect(keptFiles().filter((file) => file.includes('/so-far/'))).toEqual(soFar)
    const visits = keyed.filter((view) => view.name === 'visits')
    await expectSame(shop, visits)
  }, 300_000)

  it('of the other days are let go where more is new, and not made of more than upkeep has time for', async () => {
    clock = Date.parse('2025-01-08T12:00:00Z')
    const soFar = () => keptFiles().filter((file) => file.includes('/so-far/'))
    const events = restlessShop(4)
    const shop = await open()
    await commit(shop, events.slice(0, 100))
    await shop.lake.flush()
    await shop.lake.maintain()
    expect(soFar().length).toBeGreaterThan(0)
    await commit(shop, events.slice(100))
    await shop.lake.flush()
    clock += 1000
    await shop.lake.maintain()
    const visits = KEPT.filter((view) => view.name === 'visits')
    expect(soFar().filter((file) => file.startsWith('visits/'))).toEqual([])
    await expectSame(shop, visits)
    await shop.close()

    const meta = openLakeMeta({ directory: path.join(home.directory, 'lake-meta') })
    await meta.commit({ add: meta.files().map((file) => ({ ...file, rows: 6_000_000 })) })
    await meta.close()
    const again = await open()
    for (let round = 0; round < 2; round++) {
      clock += 600_000
      await again.lake.maintain()
    }
    expect(soFar()).toEqual([])
    await expectSame(again, visits)
  }, 300_000)

  it.each([
    ['that is over', NOW],
    ['of which today is a part', Date.parse('2025-01-08T12:00:00Z')],
  ])(
    'stay where they were let go and made again meanwhile: a day %s',
    async (_, now) => {
      clock = now
      const twice: Event = { ...ERASED, occurred_at: '2025-01-08T10:00:00.000Z', event_id: 'twice' }
      const first = await open()
      await commit(first, [...restlessShop(4), twice])
      await first.close()
      const meta = openLakeMeta({ directory: path.join(home.directory, 'lake-meta') })
      // More rows than a commit has time to compare with.
      const files = meta.files().filter((file) => file.event_type === 'page_view')
      await meta.commit({ add: files.map((file) => ({ ...file, rows: 600_000 })) })
      await meta.close()
      const shop = await open()
      await upkeep(shop)
      const queryEnds = shop.lake.lease()
      await commit(shop, [twice], { received_at: NOW + 10, dedup_from: NOW + 5 })
      expect(shop.lake.files().filter((file) => file.unchecked_from > 0)).toHaveLength(1)
      await upkeep(shop)
      expect(shop.lake.files().filter((file) => file.unchecked_from > 0)).toEqual([])
      queryEnds()
      await shop.lake.maintain()
      await expectSame(shop, KEPT)
    },
    300_000,
  )

  it.each([
    ['that is over', NOW],
    ['of which today is a part', Date.parse('2025-01-08T12:00:00Z')],
  ])(
    'stay right over any history %s',
    async (_, now) => {
      clock = now
      const random = createRandom(1, 9)
      const one = <T>(values: readonly T[]): T => values[Math.floor(random.next() * values.length)]!
      const events = [...restlessShop(5), ERASED].sort(() => random.next() - 0.5)
      let shop = await open()
      const steps = {
        late: () => commit(shop, events.splice(0, 150)),
        again: () => commit(shop, events.slice(0, 30)),
        flush: () => shop.lake.flush(),
        upkeep: () => upkeep(shop),
        restart: async () => {
          shop = await open()
          // What was hot is read again; here it is forgotten.
        },
        erase: () => shop.lake.erase(TOMBSTONE, span(0, ++sequence)),
      }
      await commit(shop, events.splice(0, 400))
      for (const name of [
        'upkeep',
        'late',
        'upkeep',
        'erase',
        'late',
        'flush',
        'restart',
      ] as const) {
        await steps[name]()
        await steps[one(['late', 'again', 'flush', 'upkeep'] as const)]()
        const some = KEPT.filter(() => random.next() < 0.3)
        await expectSame(shop, some)
      }
    },
    300_000,
  )
})

function open(): Promise<OpenLake> {
  const config = {
    ...{ lake_flush_rows: 50_000, lake_flush_s: 60, lake_direct_rows: 100 },
    ...{ lake_compact_files: 2, lake_days: 0 },
  }
  return home.open({ models: VIEWS, now: () => clock, config })
}

/** Some time later, everything that is due is done. */
async function upkeep(shop: OpenLake): Promise<void> {
  await shop.lake.flush()
  for (let round = 0; round < 2; round++) {
    clock += 600_000
    await shop.lake.maintain()
  }
}

/** What the engine puts in place of a model's rows against the model evaluated over the events as they are. */
async function expectSame(shop: OpenLake, views: typeof KEPT): Promise<void> {
  for (const { name, sql } of views) {
    const columns = (await shop.query(`SELECT column_name FROM (DESCRIBE ${name})`)).flat()
    const rowsOf = (source: string) =>
      shop.query(
        `SELECT CAST(t AS VARCHAR) FROM (SELECT ${columns.join(', ')} FROM ${source}) AS t ORDER BY 1`,
      )
    const truth = await rowsOf(`(${sql})`)
    expect(truth.length, name).toBeGreaterThan(0)
    expect(await rowsOf(`lake_days('${name}', '${EVER}')`), name).toEqual(truth)
  }
}

function keptFiles(): string[] {
  const root = path.join(home.directory, 'lake', '.models')
  if (!existsSync(root)) return []
  return (readdirSync(root, { recursive: true }) as string[])
    .filter((name) => name.endsWith('.parquet'))
    .sort()
}

function namedIn(text: string): boolean {
  const root = path.join(home.directory, 'lake', '.models')
  return keptFiles().some((file) => readFileSync(path.join(root, file)).includes(text))
}

function withValues(sql: string, params: readonly (string | number)[]): string {
  return sql.replace(/\$(\d+)/g, (_, place: string) => {
    const value = params[Number(place) - 1]!
    return typeof value === 'number' ? String(value) : `'${value}'`
  })
}

function lateEvents(): Event[] {
  const who = { session_id: 's-late', anonymous_id: 'a1' }
  const view = { occurred_at: '2025-01-07T10:00:00.000Z', product_id: 'A', ...who }
  const cart = { occurred_at: '2025-01-07T23:59:00.000Z', product_id: 'A', ...who }
  const order = {
    ...{ order_id: 'o-late', total_amount: '10.0000', currency: 'USD', ...who },
    items: [{ product_id: 'A', quantity: 1, price: '10.0000' }],
  }
  return [
    { event_type: 'product_view', ...view },
    { event_type: 'add_to_cart', ...cart },
    { event_type: 'checkout_started', occurred_at: '2025-01-08T00:10:00.000Z', ...who },
    { event_type: 'order_created', occurred_at: '2025-01-08T00:20:00.000Z', ...order },
  ]
}

/** Commits events as the stream would bring them: canonical lines, columns in stored order. */
async function commit(
  shop: OpenLake,
  events: readonly Event[],
  place: Partial<RowLine> = {},
): Promise<void> {
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
    lines.push(rowLine(line, { sequence, received_at: NOW, ...place }))
    rows[event.event_type] = lines
  }
  await shop.lake.commit([span(0, sequence)], rows)
}
