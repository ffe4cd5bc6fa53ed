import { createHash } from 'node:crypto'
import { mkdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { columnsText, duckdbType } from '../src/derive/duckdb.ts'
import { TABLES } from '../src/derive/table.ts'
import type { LakeFile } from '../src/local/lake-files.ts'
import type { EventType } from '../src/schema/registry.ts'

const DAY_MS = 86_400_000
/** Mean events of a session with what its orders bring later, by the shares below. */
const EVENTS_PER_SESSION = 5.83
const PRODUCTS = 500

export interface ReportLakeOptions {
  readonly connection: DuckDBConnection
  readonly lakeDirectory: string
  readonly events: number
  readonly days: number
  /** The last day, YYYY-MM-DD, UTC. */
  readonly to: string
}

/** Columns of a type by SQL; the rest are null. */
type Columns = { readonly [column: string]: string }

interface Part {
  readonly type: EventType
  /** What follows FROM. */
  readonly from: string
  readonly columns: Columns
}

/**
 * A shop's history as the lake lays it out, one file a type and day, made by SQL alone: about 0.5 M events a second. Visitors come
 * back, 1 % of the sessions run over midnight, orders are told by the server and most by the browser too, are paid, sent, delivered, some cancelled or refunded.
 */
export async function writeReportLake(options: ReportLakeOptions): Promise<LakeFile[]> {
  const { connection, days } = options
  const perDay = Math.round(options.events / days / EVENTS_PER_SESSION)
  const files: LakeFile[] = []
  await connection.run(
    'CREATE TEMP TABLE orders_so_far (n UBIGINT, day DATE, start TIMESTAMP, cid VARCHAR, p VARCHAR, amount DECIMAL(18, 4))',
  )
  for (let index = 0; index < days; index++) {
    const day = new Date(Date.parse(options.to) - (days - 1 - index) * DAY_MS)
      .toISOString()
      .slice(0, 10)
    await connection.run(sessionsSql(day, index, perDay, perDay * days))
    await connection.run(
      `INSERT INTO orders_so_far SELECT n, DATE '${day}', start + INTERVAL 12 MINUTE, cid, p, amount FROM s WHERE ordered`,
    )
    for (const part of partsOf(day, index === 0)) {
      const file = await writePart(options, part, day, files.length + 1)
      if (file) files.push(file)
    }
    await connection.run('DROP TABLE s')
  }
  await connection.run('DROP TABLE orders_so_far')
  return files
}

/** One row per session of a day: who, when, from where, and how much of what. */
function sessionsSql(day: string, index: number, perDay: number, sessions: number): string {
  const share = (salt: number) => `((hash(n, ${salt}) % 1000000) / 1000000.0)`
  const many = (salt: number, mean: number) =>
    `least(40, floor(-ln(1 - ${share(salt)}) * ${mean}))::INTEGER`
  return `CREATE TEMP TABLE s AS
    SELECT *, ordered_share < 0.4 AND checked AS ordered,
      coalesce(known, CASE WHEN ordered_share < 0.38 AND checked THEN 'cust_' || hash(visitor, 7) % ${Math.ceil(sessions / 40)} END) AS cid
    FROM (
      SELECT n, visitor, 'sess_' || printf('%016x', hash(n, 1)) AS sid, 'anon_' || printf('%016x', hash(visitor, 2)) AS aid,
        TIMESTAMP '${day} 00:00:00' + to_seconds((${share(3)} * 86400)::BIGINT) AS start,
        ['organic_search', 'paid_search', 'email', 'social', 'referral', NULL][CAST(1 + hash(n, 4) % 6 AS BIGINT)] AS channel,
        ['desktop', 'mobile', 'mobile', 'tablet'][CAST(1 + hash(visitor, 5) % 4 AS BIGINT)] AS device,
        ['US', 'DE', 'VN', 'FR', 'JP'][CAST(1 + hash(visitor, 6) % 5 AS BIGINT)] AS country,
        CASE WHEN ${share(8)} < 0.08 THEN 'cust_' || hash(visitor, 7) % ${Math.ceil(sessions / 40)} END AS known,
        1 + ${many(9, 1.5)} AS pages, ${many(10, 2.4)} AS views, ${many(11, 1.4)} AS clicks,
        ${share(12)} < 0.25 AS searched, ${share(13)} < 0.28 AS carted, ${share(13)} < 0.08 AS checked, ${share(14)} AS ordered_share,
        'prod_' || hash(n, 15) % ${PRODUCTS} AS p, (5 + hash(n, 15) % ${PRODUCTS} % 90)::DECIMAL(18, 4) AS amount
      FROM (
        SELECT ${index}::UBIGINT * 100000000 + i AS n,
          (hash(${index}, i, 16) % ${Math.ceil(sessions / 1.5)}) AS visitor
        FROM range(${perDay}) AS r (i)
      )
    )`
}

function partsOf(day: string, first: boolean): Part[] {
  const who: Columns = {
    session_id: 'sid',
    anonymous_id: 'aid',
    customer_id: 'known',
    channel: 'channel',
    device: 'device',
  }
  const act = (type: EventType, from: string, minute: string, more: Columns): Part => ({
    type,
    // What would run over midnight stays: 1 % of the sessions do, with their later page views.
    from: `(SELECT *, start + to_seconds(CAST((${minute}) * 60 AS BIGINT)) AS t FROM ${from}) WHERE t < DATE '${day}' + INTERVAL 1 DAY`,
    columns: { ...who, page_url: "'https://shop.example/p/' || p || '?n=' || n % 1000", ...more },
  })
  const later = (type: EventType, days: number, share: number, more: Columns): Part => ({
    type,
    from: `(SELECT *, start + INTERVAL ${days} DAY AS t FROM orders_so_far WHERE day = DATE '${day}' - ${days} AND CAST(start AS DATE) = day
      AND hash(n, ${days}) % 1000 < ${share * 1000})`,
    columns: {
      order_id: "'ord_' || n",
      customer_id: 'cid',
      source_kind: "'server'",
      source: "'shop'",
      ...more,
    },
  })
  const product: Columns = { product_id: "'prod_' || (hash(n, k, 20) % 500)" }
  const paid: Columns = { amount: 'amount', shop_value: 'amount', currency: "'USD'" }
  const parts = [
    act('page_view', 's, range(s.pages) AS r (k)', 'k * 1.5', {}),
    act('product_view', 's, range(s.views) AS r (k)', 'k * 1.2 + 0.5', product),
    act('product_click', 's, range(s.clicks) AS r (k)', 'k * 1.1 + 0.4', product),
    act('search', 's, range(1) AS r (k) WHERE searched', '0.3', {
      search_term: "'term ' || n % 700",
      results: 'n % 30',
    }),
    act('add_to_cart', 's, range(1) AS r (k) WHERE carted', '4', {
      ...product,
      quantity: '1',
      price: 'amount',
      currency: "'USD'",
    }),
    act('remove_from_cart', 's, range(1) AS r (k) WHERE carted AND n % 9 = 0', '5', {
      ...product,
      quantity: '1',
      price: 'amount',
      currency: "'USD'",
    }),
    act('checkout_started', 's, range(1) AS r (k) WHERE checked', '8', {}),
    act('customer_identified', 's, range(1) AS r (k) WHERE ordered AND cid IS NOT NULL', '9', {
      customer_id: 'cid',
    }),
    act('order_created', 's, range(1) AS r (k) WHERE ordered', '12', {
      ...{
        customer_id: 'cid',
        order_id: "'ord_' || n",
        total_amount: 'amount * 2',
        shop_value: 'amount * 2',
        currency: "'USD'",
      },
      items: `[{product_id: p, quantity: 1, price: amount}, {product_id: 'prod_' || hash(n, 21) % 500, quantity: 1, price: amount}]`,
      ...{
        shipping_address: '{country: country}',
        payment_method: "'card'",
        source_kind: "'server'",
        source: "'shop'",
        page_url: 'NULL',
      },
    }),
    act('order_created', 's, range(1) AS r (k) WHERE ordered AND n % 10 < 6', '12.05', {
      ...{ customer_id: 'cid', order_id: "'ord_' || n", total_amount: 'amount * 2' },
      ...{ shop_value: 'amount * 2', currency: "'USD'" },
      items: '[{product_id: p, quantity: 2, price: amount}]',
    }),
    later('order_paid', 0, 0.97, {
      ...paid,
      amount: 'amount * 2',
      shop_value: 'amount * 2',
      payment_id: "'p' || n",
    }),
    later('order_shipped', 1, 0.95, {}),
    later('order_delivered', 3, 0.93, {}),
    later('order_cancelled', 1, 0.03, {}),
    later('order_refunded', 7, 0.05, { ...paid, refund_id: "'r' || n", reason: "'broken'" }),
    later('review_submitted', 7, 0.1, {
      review_id: "'rev' || n",
      product_id: 'p',
      rating: '1 + n % 5',
      order_id: 'NULL',
    }),
    later('inventory_updated', 0, 1, {
      product_id: 'p',
      delta: '-1',
      reason: "'sale'",
      customer_id: 'NULL',
      ...{ order_id: "'ord_' || n" },
    }),
  ]
  const shelves: Part = {
    type: 'product_created',
    from: `(SELECT i AS n, DATE '${day}' + INTERVAL 1 MINUTE AS t FROM range(${PRODUCTS}) AS r (i))`,
    columns: {
      product_id: "'prod_' || n",
      name: "'Product ' || n",
      category: "'Category ' || n % 12",
      price: '5 + n % 90',
      cost: '2 + n % 40',
      currency: "'USD'",
      source_kind: "'server'",
      source: "'shop'",
    },
  }
  return first ? [...parts, shelves] : parts
}

async function writePart(
  options: ReportLakeOptions,
  part: Part,
  day: string,
  number: number,
): Promise<LakeFile | undefined> {
  const table = TABLES[part.type]
  const share = `((hash(n, t, 30) % 1000000 + 1) / 1000001.0)`
  // A second or so; one in a hundred, from a telephone without a network, some minutes to hours.
  const delay = `CAST(-ln(${share}) * (CASE WHEN hash(n, t, 31) % 100 = 0 THEN 3000000 ELSE 900 END) AS BIGINT) + 40`
  const added: Columns = {
    event_id: `printf('%016x%08x', hash(n, '${part.type}'), hash(t) % 4294967296)`,
    ...{
      occurred_at: 't',
      received_at: `t + to_milliseconds(${delay})`,
      written_at: `t + to_milliseconds(${delay} + 1000)`,
      source: "'web'",
      source_kind: "'browser'",
    },
    ...{
      bot: 'n % 200 = 0',
      local_date: 'CAST(t AS DATE)',
      local_hour: 'hour(t)',
      user_agent: "'Mozilla/5.0 (agent ' || n % 50 || ')'",
    },
  }
  const expressions: Columns = { ...added, ...part.columns }
  const select = table.columns.map(({ name, column }) => {
    const type = duckdbType(column)
    const value = expressions[name] ?? 'NULL'
    return value.startsWith('{') || value.startsWith('[')
      ? `${structOf(value, type)} AS "${name}"`
      : `CAST(${value} AS ${type}) AS "${name}"`
  })
  const name = `${part.type}/dt=${day}/${number.toString(36)}-${'0'.repeat(12)}.parquet`
  const target = path.join(options.lakeDirectory, name)
  await mkdir(path.dirname(target), { recursive: true })
  const result = await options.connection.runAndReadAll(
    `COPY (SELECT ${select.join(', ')} FROM ${part.from}) TO '${target}' (FORMAT parquet, COMPRESSION zstd)`,
  )
  const rows = Number(result.getRows()[0]![0])
  const at = Date.parse(day)
  return {
    ...{ path: name, event_type: part.type, dt: day, rows, bytes: (await stat(target)).size },
    ...{ min_received_at: at, max_received_at: at + DAY_MS, generation: number, created_at: at },
    schema: createHash('sha256').update(columnsText(table)).digest('hex').slice(0, 12),
    ...{ tombstones: 0, unchecked_from: 0 },
  }
}

/** A struct or a list of structs with every field of its type, those that are not named null. */
function structOf(value: string, type: string): string {
  const fields = /STRUCT\((.*)\)/.exec(type)![1]!
  const names = [...fields.matchAll(/"?(\w+)"? [A-Z]+(?:\(\d+, ?\d+\))?/g)].map(
    (match) => match[1]!,
  )
  const complete = (struct: string) => {
    const given = new Set([...struct.matchAll(/(\w+):/g)].map((match) => match[1]))
    const rest = names.filter((name) => !given.has(name)).map((name) => `${name}: NULL`)
    return struct.replace(/\}$/, rest.length ? `, ${rest.join(', ')}}` : '}')
  }
  const whole = value.startsWith('{') ? complete(value) : value.replace(/\{[^}]*\}/g, complete)
  return `CAST(${whole} AS ${type})`
}
