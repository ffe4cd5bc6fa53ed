import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { removeServer, startServer, type TestServer, until } from '../e2e/server.ts'
import { launchBrowser } from './browser.ts'

/** What the guide tells a shop to put into its pages. */
const SNIPPET = /```html\n([\s\S]*?)```/.exec(readFileSync('docs/guides/website.md', 'utf8'))![1]!
/** A machine that is busy with other tests is no fault. */
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

let server: TestServer
let shop: Server
let page = ''

beforeAll(async () => {
  server = await startServer()
  shop = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(`<title>Mugs</title>${page}`)
  })
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  shop.close()
  await removeServer(server)
})

test("the guide's page sends what it tracks from another origin, also as it is left", async () => {
  const origin = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`
  const made = await server.call('/v1/keys', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'site', kind: 'browser', scopes: ['write'], origins: [origin] }),
  })
  page = SNIPPET.replace(/https:\/\/events[^']*/, `${server.url}/v1/events?key=${made.body.text}`)
  const browser = await launchBrowser()
  try {
    const tab = await (await browser.newContext()).newPage()
    await tab.goto(`${origin}/?utm_medium=email`)
    await tab.evaluate("track('search', { search_term: 'mug' })")
    await tab.goto('about:blank')
    const seen = () =>
      server.sql('select event_type, source, channel from events order by occurred_at')
    await until(async () => (await seen()).length === 2)
    expect(await seen()).toEqual([
      ['page_view', 'site', 'email'],
      ['search', 'site', 'email'],
    ])
    expect(await server.sql('select count(distinct session_id) from events')).toEqual([[1]])
  } finally {
    await browser.close()
  }
})
