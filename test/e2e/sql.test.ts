import { afterAll, beforeAll, expect, test } from 'vitest'
import { removeServer, startServer, type TestServer } from './server.ts'

const ENDLESS = 'SELECT count(*) FROM range(1000000000000000) t(i) where hash(i) = 7'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
}, 180_000)

afterAll(() => removeServer(server))

const ask = (sql: string) =>
  server.call('/v1/sql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sql }),
  })

test('eight never-ending queries: events are taken, SQL is busy, DELETE frees the slots', async () => {
  await expect
    .poll(async () => (await ask('SELECT 1')).status, { timeout: 120_000, interval: 500 })
    .toBe(200)
  const endless = await Promise.all(Array.from({ length: 8 }, () => ask(ENDLESS)))
  expect(endless.map((answer) => answer.status)).toEqual(Array(8).fill(202))

  const refused = await ask('SELECT 1')
  expect([refused.status, refused.body.code]).toEqual([429, 'sql_busy'])
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)

  const views = Array.from({ length: 200 }, (_, index) => ({
    event_type: 'product_view',
    timestamp: new Date().toISOString(),
    session_id: `s${index}`,
    product_id: 'p1',
  }))
  const accepted = await server.post(JSON.stringify(views))
  expect([accepted.status, accepted.body.accepted]).toEqual([202, 200])

  const gone = await Promise.all(
    endless.map((answer) => server.call(`/v1/sql/${answer.body.query_id}`, { method: 'DELETE' })),
  )
  expect(gone.map((answer) => answer.status)).toEqual(Array(8).fill(204))
  const count = async () => (await ask('SELECT count(*) FROM product_view')).body.rows?.[0]?.[0]
  await expect.poll(count, { timeout: 120_000, interval: 500 }).toBe(200)
  const again = await server.call(`/v1/sql/${endless[0]?.body.query_id}`)
  expect(again.status).toBe(404)
}, 180_000)

test('a killed lake process: SQL says so at once, events are taken, and it answers again by itself', async () => {
  const pid = server.pidOf('lake')
  expect(pid).toBeGreaterThan(0)
  const running = ask(ENDLESS)
  await new Promise((resolve) => setTimeout(resolve, 300))
  process.kill(pid as number, 'SIGKILL')
  let lost = await running
  // Where the kill took longer to show than an answer waits.
  if (lost.status === 202) lost = await server.call(`/v1/sql/${lost.body.query_id}`)
  expect([lost.status, lost.body.code]).toEqual([503, 'sql_unavailable'])
  const event = {
    event_type: 'search',
    timestamp: new Date().toISOString(),
    session_id: 's',
    search_term: 'a',
  }
  expect((await server.post(JSON.stringify(event))).status).toBe(202)
  const count = async () => (await ask('SELECT count(*) FROM search')).body.rows?.[0]?.[0]
  await expect.poll(count, { timeout: 120_000, interval: 500 }).toBe(1)
}, 180_000)
