import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { ROOT } from './prepare.mjs'

/**
 * `node scripts/data-fixture.mjs NAME`: a small data directory as the build in dist/ leaves it when all its processes are
 * killed, into test/fixtures/NAME, each file gzipped, beside what the server answered about it (expected.json). Run it once per
 * release, before the format of the data directory changes; test/e2e/upgrade.test.ts opens each with today's code.
 */
const CLI = path.join(ROOT, 'dist', 'cli.js')
const LEFT_OUT = ['run', 'tmp', 'lake.sql', 'lock.mdb']
const SHOP = ['--seed', '12', '--from', '2025-03-01', '--days', '1', '--sessions-per-day', '60']
const FAULTS = 'dup=2%,late=2%,invalid=1%,unknown=1%'
/** `o-late` is left out: it stands in the stream alone. */
const QUESTIONS = [
  "select event_type, count(*) from events where event_id not like '%o-late' group by all order by all",
  "select sum(total_amount), count(distinct order_id), count(email_hash) from order_created where order_id <> 'o-late'",
  "select count(*) from order_created where customer_id like 'erased:%'",
]
const ROUTES = ['/v1/orders/o-kept', '/v1/orders/o-gone', '/v1/dead-letters']

const name = process.argv[2]
if (!name) throw new Error('name the fixture, such as data-0.1')
const directory = mkdtempSync(path.join(os.tmpdir(), 'shoplake-fixture-'))
const target = path.join(ROOT, 'test', 'fixtures', name)

command('simulate', ...SHOP, '--faults', FAULTS)
const server = spawn(process.execPath, [
  CLI,
  ...['dev', '--no-demo', '--port', '0', '--data-dir', directory, '--log-level', 'error'],
])
const url = await whenUp()
await send([order('o-kept', 'c-kept'), order('o-gone', 'c-gone'), { event_type: 'oops' }])
await ask('/v1/customers/c-gone', { method: 'DELETE' })
await settled()
const expected = { sql: {}, routes: {}, totals: {} }
for (const sql of QUESTIONS) expected.sql[sql] = (await query(sql)).rows
for (const route of ROUTES) expected.routes[route] = await ask(route)
expected.totals = (await ask('/v1/ledger?from=1970-01-01')).totals
// What no consumer has seen yet belongs to a directory, too.
for (const part of ['lake', 'store']) process.kill(pidOf(part), 'SIGSTOP')
await send([order('o-late', 'c-kept')])
for (const part of ['lake', 'store', 'collect']) process.kill(pidOf(part), 'SIGKILL')
server.kill('SIGKILL')
rmSync(target, { recursive: true, force: true })
const bytes = pack(directory, target)
writeFileSync(path.join(target, 'expected.json'), `${JSON.stringify(expected, null, 1)}\n`)
rmSync(directory, { recursive: true, force: true })
process.stdout.write(`${target}: ${bytes} bytes\n`)

function command(...words) {
  const { status, stderr } = spawnSync(process.execPath, [CLI, ...words, '--data-dir', directory])
  if (status !== 0) throw new Error(String(stderr))
}

async function whenUp() {
  for (;;) {
    const file = path.join(directory, 'run', 'server.json')
    const found = readdirSync(path.dirname(file)).includes('server.json')
    if (found) return JSON.parse(readFileSync(file, 'utf8')).url
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function ask(route, init = {}) {
  const headers = { 'x-api-key': 'sk_dev', 'content-type': 'application/json' }
  const answer = await fetch(new URL(route, url), { ...init, headers })
  if (!answer.ok) throw new Error(`${route}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}

function send(events) {
  return ask('/v1/events', { method: 'POST', body: JSON.stringify(events) })
}

function query(sql) {
  return ask('/v1/sql', { method: 'POST', body: JSON.stringify({ sql }) })
}

function order(order_id, customer_id) {
  const timestamp = '2025-03-01T12:00:00Z'
  const items = [{ product_id: 'p-1', quantity: 2, price: '9.99' }]
  return {
    ...{ event_type: 'order_created', timestamp, order_id, customer_id, items },
    ...{ total_amount: '19.98', email: `${customer_id}@shop.example` },
  }
}

async function settled() {
  for (;;) {
    const { totals, balanced } = await ask('/v1/ledger?from=1970-01-01')
    const rows = Number((await query('select count(*) from events')).rows[0][0])
    const isDone = totals.pending_store === 0 && rows === totals.in_lake + totals.pending_lake
    if (balanced && isDone) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function pidOf(part) {
  return Number.parseInt(readFileSync(path.join(directory, 'run', `${part}.lock`), 'utf8'), 10)
}

function pack(from, to) {
  let bytes = 0
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const relative = path.relative(from, path.join(entry.parentPath, entry.name))
    const isLeftOut = relative.split(path.sep).some((part) => LEFT_OUT.includes(part))
    if (!entry.isFile() || isLeftOut) continue
    const packed = gzipSync(readFileSync(path.join(from, relative)), { level: 9 })
    bytes += packed.length
    mkdirSync(path.dirname(path.join(to, relative)), { recursive: true })
    writeFileSync(path.join(to, `${relative}.gz`), packed)
  }
  return bytes
}
