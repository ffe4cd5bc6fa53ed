import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttp } from '../../src/http/app.ts'
import { EVENTS } from '../../src/schema/registry.ts'
import { type Composed, compose, postJson } from './compose.ts'

const VIEW = EVENTS.product_view.example

/** What only a real socket can show. */
describe.each(['the app alone', 'events straight from node:http'])(
  'behind a real server: %s',
  (way) => {
    let shop: Composed
    let server: Server
    let port: number
    beforeEach(async () => {
      shop = await compose()
      const { app, nodeEvents } = createHttp(shop.deps)
      const listener = getRequestListener(app.fetch)
      server = createServer((incoming, outgoing) => {
        if (way === 'the app alone' || !nodeEvents(incoming, outgoing))
          void listener(incoming, outgoing)
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      port = (server.address() as AddressInfo).port
    })
    afterEach(async () => {
      shop.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await shop.close()
    })

    const url = (target: string) => `http://127.0.0.1:${port}${target}`
    const head = (headers: string) =>
      `POST /v1/events HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nx-api-key: sk_dev\r\ncontent-type: application/json\r\n${headers}\r\n\r\n`

    /** Everything that the server says to `write` until it closes or `enough` has come. */
    function talk(
      write: (send: (data: string | Buffer) => void) => void,
      enough: RegExp,
    ): Promise<string> {
      return new Promise((resolve, reject) => {
        let text = ''
        const socket = connect(port, '127.0.0.1', () => write((data) => void socket.write(data)))
        socket.on('data', (data) => {
          text += data.toString()
          if (enough.test(text)) socket.destroy()
        })
        socket.on('error', reject)
        socket.on('close', () => resolve(text))
      })
    }

    it('takes events, single ones and large batches, plain and chunked', async () => {
      const one = await fetch(url('/v1/events'), {
        ...postJson({ ...VIEW, event_id: 'one' }, { 'x-api-key': 'pk_dev' }),
      })
      expect([one.status, await one.json()]).toMatchObject([202, { accepted: 1 }])
      const events = Array.from({ length: 2000 }, (_, index) => ({
        ...VIEW,
        event_id: `m${index}`,
      }))
      const many = await fetch(url('/v1/events'), postJson(events, { 'x-api-key': 'sk_dev' }))
      expect([many.status, await many.json()]).toMatchObject([202, { accepted: 2000 }])
      const chunked = await fetch(url('/v1/events'), {
        method: 'POST',
        headers: { 'x-api-key': 'sk_dev', 'content-type': 'application/x-ndjson' },
        body: new Blob(
          events.map(
            (event) =>
              `${JSON.stringify({ ...event, event_id: undefined, session_id: event.event_id })}\n`,
          ),
        ).stream(),
        duplex: 'half',
      } as RequestInit)
      expect([chunked.status, await chunked.json()]).toMatchObject([202, { accepted: 2000 }])
    })

    it('answers 413 to a body announced too large, without reading it', async () => {
      const text = await talk((send) => send(`${head('content-length: 11000000')}{`), /too_large/)
      expect(text).toMatch(/^HTTP\/1\.1 413/)
    })

    it('answers 413 in the middle of a chunked body that grows too large', async () => {
      const chunk = Buffer.alloc(1_000_000, 32)
      const text = await talk((send) => {
        send(head('transfer-encoding: chunked'))
        for (let index = 0; index < 12; index++) {
          send(`${chunk.length.toString(16)}\r\n`)
          send(chunk)
          send('\r\n')
        }
      }, /too_large/)
      expect(text).toMatch(/^HTTP\/1\.1 413/)
    })

    it('a refused request does not hold the connection: the next one on it is answered', async () => {
      const event = JSON.stringify({ ...VIEW, event_id: 'next' })
      const bad = head(`content-length: ${event.length}`).replace('sk_dev', 'sk_wrong') + event
      const good = head(`content-length: ${event.length}`) + event
      const text = await talk((send) => send(bad + good), /"accepted":1/)
      expect(text).toMatch(/^HTTP\/1\.1 401[\s\S]*HTTP\/1\.1 202/)
    })

    it('clients that leave in the middle of a body are forgotten', async () => {
      for (let index = 0; index < 20; index++) {
        const socket = connect(port, '127.0.0.1')
        await new Promise<void>((resolve) => socket.once('connect', resolve))
        socket.write(`${head('content-length: 500000')}{"event_type":`)
        socket.destroy()
      }
      const after = await fetch(url('/v1/events'), postJson(VIEW, { 'x-api-key': 'sk_dev' }))
      expect(after.status).toBe(202)
      expect(shop.logged.filter((line) => line.level === 'error')).toEqual([])
    })

    it('gives the same answers either way: keys, verdicts, problems and headers', async () => {
      const post = (init: RequestInit, target = '/v1/events') => fetch(url(target), init)
      const beacon = await post(
        { method: 'POST', body: JSON.stringify({ ...VIEW, event_id: 'beacon' }) },
        '/v1/events?key=pk_dev&verbose=1',
      )
      expect([beacon.status, await beacon.json()]).toMatchObject([
        202,
        { results: [{ event_id: 'beacon', verdict: 'accepted' }] },
      ])
      expect(beacon.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
      expect(beacon.headers.get('ratelimit')).toMatch(/^"events";r=\d+;t=\d+$/)
      const page = { origin: 'https://shop.example', 'x-api-key': 'pk_dev' }
      const allowed = await post(postJson({ ...VIEW, event_id: 'page' }, page))
      expect(allowed.headers.get('access-control-allow-origin')).toBe('https://shop.example')
      const refused = await post(postJson({ event_type: 'nonsense' }, page))
      expect([refused.status, await refused.json()]).toMatchObject([422, { code: 'all_rejected' }])
      const none = await post(postJson(VIEW))
      expect([none.status, await none.json()]).toMatchObject([401, { code: 'key_missing' }])
      const get = await fetch(url('/v1/events'))
      expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
      const near = await post(postJson(VIEW, page), '/v1/eventsx')
      expect(near.status).toBe(404)
    })

    it('refuses a foreign Host on the wire', async () => {
      const request = `GET /v1/orders HTTP/1.1\r\nhost: evil.example\r\nx-api-key: sk_dev\r\n\r\n`
      expect(await talk((send) => send(request), /host_refused/)).toMatch(/^HTTP\/1\.1 403/)
    })

    it('streams live numbers and ends them at a stop', async () => {
      const response = await fetch(url('/v1/live/stream'), { headers: { 'x-api-key': 'sk_dev' } })
      expect(response.headers.get('content-type')).toBe('text/event-stream')
      const reader = response.body!.getReader()
      let text = ''
      while (!text.includes('event: live'))
        text += Buffer.from((await reader.read()).value!).toString()
      shop.stop()
      for (;;) {
        const { done } = await reader.read()
        if (done) break
      }
    })

    it('serves pages with a policy', async () => {
      const page = await fetch(url('/docs'))
      expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
      expect(await page.text()).toContain('<h1>HTTP API</h1>')
      expect((await fetch(url('/'))).headers.get('x-content-type-options')).toBe('nosniff')
    })
  },
)
