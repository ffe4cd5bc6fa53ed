import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openDynamodbKeys } from '../../src/aws/dynamodb-keys.ts'
import { athenaNames } from '../../src/derive/athena.ts'
import { keyProblem } from '../../src/local/stored-keys.ts'
import { tableModels } from '../../src/reports/table-models.ts'
import { EVENT_TYPES, EVENTS } from '../../src/schema/registry.ts'
import { JSON_TYPE } from '../http/attacks.ts'
import { SECRET } from '../pipeline/store-rows.ts'
import { allModels } from '../reports/lake.ts'
import { openBucketViews } from './bucket-views.ts'
import { createEventSource, type EventSource } from './event-source.ts'
import type { ConsumerName } from './functions.ts'
import { gatewayEvent } from './gateway.ts'
import { type EmulatedHome, startHome } from './home.ts'
import { keysBelow } from './s3.ts'

interface Ledger {
  readonly balanced: boolean
  readonly complete: boolean
  readonly totals: { readonly [count: string]: number }
}

describe('the read function behind the gateway', () => {
  let home: EmulatedHome
  let key: string
  let sources: { readonly [N in ConsumerName]: EventSource }

  beforeAll(async () => {
    home = await startHome({ buckets: 4, secret: SECRET })
    const { dynamodb: client, table } = home
    const keys = openDynamodbKeys({ client, table, check: keyProblem, now: Date.now })
    const traits = { name: 'shop', kind: 'server', scopes: ['admin'], origins: [] } as const
    key = (await keys.create(traits)).text
    const sourceOf = (name: ConsumerName) =>
      createEventSource({
        client: home.kinesis,
        stream_name: home.stream,
        settings: home.sources[name],
        handler: home.consumers[name],
      })
    sources = { 'write-lake': sourceOf('write-lake'), 'update-store': sourceOf('update-store') }
  })
  beforeEach(() => {
    home.athena.fate = () => 'run'
  })
  afterAll(() => home.close())

  async function ask<T>(path: string, method = 'GET', body: unknown = null): Promise<[number, T]> {
    const [bare, query] = path.split('?') as [string, string?]
    const sent = gatewayEvent(
      body === null ? null : JSON.stringify(body),
      { ...(body !== null && JSON_TYPE), 'x-api-key': key },
      {
        httpMethod: method,
        path: bare,
        multiValueQueryStringParameters: Object.fromEntries(
          [...new URLSearchParams(query)].map(([name, value]) => [name, [value]]),
        ),
      },
    )
    const answer = await (path === '/v1/events' ? home.collect(sent) : home.read(sent))
    return [answer.statusCode, JSON.parse(answer.body)]
  }

  const drain = async () => {
    for (const source of Object.values(sources)) await source.drain()
  }
  const examples = (prefix: string) =>
    Object.values(EVENTS).map(({ example }, index) => ({
      ...example,
      timestamp: new Date(Date.now() - 60_000).toISOString(),
      event_id: `${prefix}-${index}`,
    }))

  test('the ledger balances before, between and after the consumers; the state is there after them', async () => {
    const events = [...examples('a'), { event_type: 'nonsense' }]
    expect((await ask('/v1/events', 'POST', events))[0]).toBe(202)
    const accepted = events.length - 1
    const expectLedger = async (totals: object) => {
      const [status, ledger] = await ask<Ledger>('/v1/ledger')
      expect(status).toBe(200)
      expect(ledger).toMatchObject({ balanced: true, complete: true })
      expect(ledger.totals).toMatchObject({
        accepted,
        rejected: 1,
        received: accepted + 1,
        ...totals,
      })
    }
    await expectLedger({ pending_lake: accepted, pending_store: accepted, in_lake: 0, applied: 0 })
    await sources['update-store'].drain()
    await expectLedger({ pending_lake: accepted, pending_store: 0, applied: accepted })
    await sources['write-lake'].drain()
    await expectLedger({ in_lake: accepted, pending_lake: 0, applied: accepted })
    const { order_id } = EVENTS.order_created.example as { order_id: string }
    const [status, order] = await ask<object>(`/v1/orders/${order_id}`)
    expect([status, order]).toMatchObject([200, { order_id, items: expect.any(Array) }])
    expect((await ask('/v1/orders'))[1]).toMatchObject({ items: [{ order_id }] })
    expect((await ask('/v1/dead-letters'))[1]).toMatchObject({
      items: [{ reason: 'unknown_event_type' }],
    })
  })

  test('right now: visits of the last minutes', async () => {
    const [status, live] = await ask<{ visitors: number; minutes: object[] }>('/v1/live')
    expect(status).toBe(200)
    expect(live.visitors).toBeGreaterThan(0)
    expect(live.minutes.length).toBeGreaterThan(0)
  })

  test('SQL and reports go to Athena', async () => {
    const [status, result] = await ask('/v1/sql', 'POST', { sql: 'SELECT 40 + 2 AS answer' })
    expect([status, result]).toMatchObject([200, { rows: [[42]] }])
    expect((await ask('/v1/sql', 'POST', { sql: 'DROP TABLE orders' }))[1]).toMatchObject({
      code: 'sql_refused',
    })
    const [, { reports }] = await ask<{ reports: { name: string }[] }>('/v1/reports')
    expect(reports.length).toBeGreaterThan(20)
    home.athena.fate = () => 'fail'
    await ask('/v1/reports/sales_over_time')
    expect(String(home.athena.started.at(-1)!.QueryString)).toMatch(/^(WITH|SELECT)\b/i)
  })

  test('an erased person is gone from the store, and from rows that are written afterwards', async () => {
    const { customer_id } = EVENTS.order_created.example as { customer_id: string }
    const [, receipt] = await ask<{ customer_id: string }>(`/v1/customers/${customer_id}`, 'DELETE')
    await ask('/v1/events', 'POST', examples('b'))
    await drain()
    expect((await ask(`/v1/customers/${customer_id}`))[0]).toBe(404)
    expect((await ask(`/v1/customers/${receipt.customer_id}`))[0]).toBe(200)
    const views = await openBucketViews(home.s3, home.lake_bucket)
    const rows = await views.query(
      `SELECT customer_id FROM order_created WHERE event_id LIKE 'b-%' AND customer_id IS NOT NULL`,
    )
    await views.close()
    expect(rows).toEqual([[receipt.customer_id]])
  })

  test('compaction deletes what it has taken in, and nothing when it has not; it drops the erased', async () => {
    const raw = () => keysBelow(home.s3, home.lake_bucket, 'raw/')
    const before = await raw()
    expect(before.length).toBeGreaterThan(10)
    const { customer_id } = EVENTS.order_created.example as { customer_id: string }
    const ids = "'e' AS event_id, 1 AS record_hash"
    for (const type of EVENT_TYPES) {
      const who = type === 'order_created' ? customer_id : 'somebody-else'
      const row = `DATE '2024-05-01' AS dt, '${who}' AS customer_id, 'a' AS anonymous_id, ${ids}`
      await home.athena.owner.run(`CREATE TABLE ${athenaNames(type).base} AS SELECT ${row}`)
    }
    for (const type of EVENT_TYPES) {
      const moment = "TIMESTAMP '2025-03-01 12:00:00'"
      const row = `${moment} AS occurred_at, ${moment} AS received_at, 'web' AS source, ${ids}`
      await home.athena.owner.run(`CREATE TABLE ${athenaNames(type).raw} AS SELECT ${row}`)
    }
    const fateOf = (sql: string) => (sql.startsWith('SELECT') ? 'run' : 'succeed')
    home.athena.fate = (sql) => (sql.startsWith('MERGE') ? 'fail' : fateOf(sql))
    await expect(home.compact()).rejects.toMatchObject({ code: 'sql_failed' })
    expect(await raw()).toEqual(before)
    const statements: string[] = []
    home.athena.fate = (sql) => {
      statements.push(sql)
      return fateOf(sql)
    }
    await home.compact()
    expect(await raw()).toEqual([])
    const [merged, made] = [/^MERGE INTO base_\w+/, /^MERGE INTO kept_\w+/].map(
      (begin) => statements.filter((sql) => begin.test(sql)).length,
    )
    expect([merged, made]).toEqual([
      new Set(before.map((key) => key.split('/')[1])).size,
      tableModels(allModels()).size,
    ])
    const changes = statements.filter((sql) => /^(UPDATE|OPTIMIZE)/.test(sql))
    expect(changes.map((sql) => sql.split(' ').slice(0, 2).join(' ').trim())).toEqual([
      'UPDATE base_order_created\nSET',
      'OPTIMIZE base_order_created',
    ])
    const visits = statements.find((sql) => sql.startsWith('MERGE INTO kept_visits '))
    expect(visits).toContain("DATE '2025-03-01'")
    expect(statements.find((sql) => sql.startsWith('MERGE INTO kept_order_sessions '))).toContain(
      "DATE '2024-05-01'",
    )
    statements.length = 0
    await home.compact()
    expect(statements).toEqual([])
    await home.compact({ upkeep: true })
    const kept = tableModels(allModels()).size
    for (const begin of ['OPTIMIZE base_', 'VACUUM base_']) {
      expect(statements.filter((sql) => sql.startsWith(begin))).toHaveLength(EVENT_TYPES.length)
    }
    expect(statements.filter((sql) => sql.startsWith('VACUUM kept_'))).toHaveLength(kept)
  })
})
