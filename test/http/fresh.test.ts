import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import type { SqlEngine } from '../../src/ports.ts'
import { EVENTS } from '../../src/schema/registry.ts'
import { shoplake } from '../e2e/shoplake.ts'
import { type Composed, compose, postJson } from './compose.ts'

/** A lake that has read nothing of the stream. */
const EMPTY_LAKE: SqlEngine = {
  run: async () => ({
    columns: [{ name: 'orders', type: 'BIGINT' }],
    rows: [[0]],
    truncated: false,
    elapsed_ms: 1,
    scanned_bytes: undefined,
  }),
}

const HINT = /still reading the stream: up to 1 events are not in this answer/

let shop: Composed
let server: Server
let fresh: number | undefined

beforeAll(async () => {
  shop = await compose({ sql: EMPTY_LAKE, freshness: () => fresh })
  const listener = getRequestListener(createApp(shop.deps).fetch)
  server = createServer((incoming, outgoing) => void listener(incoming, outgoing))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await shop.close()
})

async function ask(...words: string[]): Promise<string> {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const sql = ['sql', 'select count(*) as orders from order_created', ...words]
  const { code, stderr } = await shoplake([...sql, '--url', url, '--key', 'sk_dev'])
  expect(code, stderr).toBe(0)
  return stderr
}

test('an answer says up to when it is fresh, as the lake knew before the query began', async () => {
  fresh = Date.UTC(2025, 0, 15)
  const told = (await (
    await shop.request('/v1/sql', postJson({ sql: 'select 1' }))
  ).json()) as object
  expect(told).toMatchObject({ rows: [[0]], fresh_to: '2025-01-15T00:00:00.000Z' })
  fresh = undefined
  const yet = await shop.request('/v1/sql', postJson({ sql: 'select 1' }))
  expect(await yet.json()).toMatchObject({ fresh_to: null })
})

test('shoplake sql says that SQL is behind, only where it is and something is on its way', async () => {
  fresh = undefined
  expect(await ask()).toBe('')
  await shop.send(EVENTS.order_created.example)
  expect(await ask()).toMatch(HINT)
  fresh = Date.now() - 3_600_000
  expect(await ask('--json')).toMatch(HINT)
  // Ahead, so that a slow machine does not make it old.
  fresh = Date.now() + 3_600_000
  expect(await ask()).toBe('')
}, 60_000)
