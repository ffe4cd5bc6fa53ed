import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLakeMeta } from '../../src/local/lake-meta.ts'
import type { TestServer } from '../e2e/server.ts'
import type { Requests } from './load.ts'

const SETTLE_MS = 90_000
const TIDY_MS = 30_000

/** What is not as it was promised, one sentence each. */
export type Problems = string[]

/** Waits until both consumers have everything; what the ledger and SQL say then. */
async function settled(server: TestServer, problems: Problems): Promise<void> {
  const end = Date.now() + SETTLE_MS
  let last = 'no answer'
  while (Date.now() < end) {
    const state = await look(server).catch((error: unknown) => ({
      done: false,
      says: String(error),
    }))
    if (state.done) return
    last = state.says
    await sleep(150)
  }
  problems.push(`did not settle: ${last}`)
}

async function look(server: TestServer): Promise<{ done: boolean; says: string }> {
  const { body, status } = await server.call('/v1/ledger?from=1970-01-01')
  if (status !== 200) return { done: false, says: `ledger ${status}` }
  const { totals, balanced } = body
  const [row] = await server.sql('select count(*) from events')
  const rows = Number(row![0])
  const inLake = totals.in_lake + totals.pending_lake
  return {
    done: balanced && totals.pending_store === 0 && rows === inLake,
    says: `${rows} rows by SQL; ${JSON.stringify({ balanced, ...totals, imbalances: body.imbalances?.slice(0, 3) })}`,
  }
}

/**
 * Every acknowledged request is in the lake with each of its events once, every other one wholly or not at all; orders,
 * units and stock of the round are in the store once; the ledger balances.
 */
export async function checkRound(
  server: TestServer,
  round: number,
  requests: Requests,
): Promise<Problems> {
  const problems: Problems = []
  await settled(server, problems)
  const rows = await server.sql(
    `select split_part(event_id, '.', 1) as request, count(*), count(distinct event_id) from events where event_id like 't${round}x%' group by 1`,
  )
  const found = new Map(rows.map(([id, count, ids]) => [String(id), [Number(count), Number(ids)]]))
  let [orders, stock] = [0, 0]
  for (const [id, sent] of requests) {
    const [count = 0, ids = 0] = found.get(id) ?? []
    found.delete(id)
    if (count !== ids) problems.push(`${id}: ${count} rows of ${ids} events`)
    if (sent.acked && ids !== sent.events) problems.push(`${id}: ${ids} of ${sent.events} acked`)
    if (ids !== 0 && ids !== sent.events) problems.push(`${id}: a part, ${ids} of ${sent.events}`)
    if (ids === 0) continue
    orders += sent.orders
    stock += sent.stock
  }
  for (const id of found.keys()) problems.push(`${id}: nobody sent it`)
  await compare(server, `/v1/customers/torture-${round}`, (body) => body.orders, orders, problems)
  await compare(server, `/v1/products/p-${round}`, (body) => body.units_sold, orders, problems)
  const stockRoute = `/v1/inventory?product_id=p-${round}`
  await compare(server, stockRoute, (body) => body.items?.[0]?.level, stock, problems)
  return problems.slice(0, 20)
}

async function compare(
  server: TestServer,
  route: string,
  // biome-ignore lint/suspicious/noExplicitAny: whatever the route answers
  read: (body: any) => unknown,
  expected: number,
  problems: Problems,
): Promise<void> {
  if (expected === 0) return
  const { body } = await server.call(route)
  if (Number(read(body)) === expected) return
  problems.push(`${route}: ${read(body)} instead of ${expected} in the store`)
}

/** Nothing lies in the lake that its file list does not name, and nothing in tmp/; of a stopped server at once. */
export async function checkTidy(directory: string): Promise<Problems> {
  const end = Date.now() + TIDY_MS
  let strays = straysIn(directory)
  while (strays.length > 0 && Date.now() < end) {
    await sleep(500)
    strays = straysIn(directory)
  }
  return strays
}

function straysIn(directory: string): Problems {
  const meta = openLakeMeta({ directory: path.join(directory, 'lake-meta'), readOnly: true })
  const listed = new Set(meta.files().map((file) => file.path))
  const there = filesUnder(path.join(directory, 'lake'))
  void meta.close()
  const strays = there
    .filter((file) => !listed.has(file) && !file.startsWith('.models/'))
    .map((file) => `stray lake/${file}`)
  const lost = [...listed]
    .filter((file) => !there.includes(file))
    .map((file) => `lost lake/${file}`)
  const left = filesUnder(path.join(directory, 'tmp')).map((file) => `left tmp/${file}`)
  return [...strays, ...lost, ...left]
}

function filesUnder(directory: string): string[] {
  if (!existsSync(directory)) return []
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)))
}

/** Anonymous memory of a process in MB; from /proc (proc(5)). */
export function anonymousMb(pid: number | undefined): number {
  if (pid === undefined) return 0
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024)
}
