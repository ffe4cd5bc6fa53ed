import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RouteSpec } from '../../src/derive/openapi.ts'
import { ROUTES, type RouteName } from '../../src/http/routes.ts'
import type { Scope } from '../../src/ports.ts'
import { type Composed, compose, postJson } from './compose.ts'

const HOLDERS = ['nobody', 'write', 'read', 'admin'] as const

/** Who may call a route, from its scope alone. */
function mayCall(route: RouteSpec, holder: (typeof HOLDERS)[number]): boolean {
  if (route.scope === 'none') return true
  return holder === 'admin' || holder === route.scope
}

describe('scopes, over every route and every kind of key', () => {
  let shop: Composed
  const texts = new Map<string, string>()
  beforeAll(async () => {
    shop = await compose({ mode: 'start' })
    for (const scope of ['write', 'read', 'admin'] as Scope[]) {
      const key = { name: `only-${scope}`, kind: 'server', scopes: [scope], origins: [] } as const
      texts.set(scope, (await shop.deps.keys.create(key)).text)
    }
  })
  afterAll(() => shop.close())

  const cases = (Object.keys(ROUTES) as RouteName[]).flatMap((name) =>
    HOLDERS.map((holder) => ({ name, holder })),
  )

  it.each(cases)('$name by $holder', async ({ name, holder }) => {
    const route: RouteSpec = ROUTES[name]
    const text = texts.get(holder)
    const target = route.path.replaceAll(/\{\w+\}/g, 'none')
    const response = await shop.bare(target, {
      method: route.method.toUpperCase(),
      headers: {
        ...(text === undefined ? {} : { 'x-api-key': text }),
        ...(route.body ? { 'content-type': 'application/json' } : {}),
      },
      ...(route.body ? { body: '{}' } : {}),
    })
    const refusals = { nobody: 401, write: 403, read: 403, admin: 403 }
    if (mayCall(route, holder)) expect([401, 403]).not.toContain(response.status)
    else expect(response.status).toBe(refusals[holder])
    await response.body?.cancel()
  })
})

describe('keys on a request', () => {
  let shop: Composed
  let both: string
  beforeAll(async () => {
    shop = await compose({ mode: 'start' })
    const scopes = ['write', 'read'] as const
    const key = { name: 'both', kind: 'server', scopes, origins: [] } as const
    both = (await shop.deps.keys.create(key)).text
  })
  afterAll(() => shop.close())

  const status = async (headers: { [name: string]: string }, target = '/v1/orders') =>
    (await shop.bare(target, { headers })).status

  it('may come as x-api-key, Bearer or the user name of Basic', async () => {
    expect(await status({ 'x-api-key': both })).toBe(200)
    expect(await status({ authorization: `Bearer ${both}` })).toBe(200)
    expect(await status({ authorization: `bearer ${both}` })).toBe(200)
    const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
    expect(await status({ authorization: basic(`${both}:`) })).toBe(200)
    expect(await status({ authorization: basic('nobody:x') })).toBe(401)
    expect(await status({ authorization: 'Digest x' })).toBe(401)
  })

  it('may come in the URL when it can only write', async () => {
    const key = { name: 'beacon', kind: 'browser', scopes: ['write'], origins: ['*'] } as const
    const { text } = await shop.deps.keys.create(key)
    const post = (query: string) =>
      shop.bare(`/v1/events?key=${query}`, {
        method: 'POST',
        headers: { 'content-type': 'text/plain' },
        body: '{"event_type":"page_view","timestamp":"2025-01-15T10:25:00Z","page_url":"/"}',
      })
    expect((await post(text)).status).toBe(202)
    expect((await post(both)).status).toBe(403)
    expect(await status({}, `/v1/orders?key=${both}`)).toBe(403)
  })

  it('start refuses the development keys by name', async () => {
    const response = await shop.bare('/v1/orders', { headers: { 'x-api-key': 'sk_dev' } })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toContain('Bearer')
    expect(await response.json()).toMatchObject({
      code: 'key_unknown',
      detail: expect.stringContaining('shoplake keys create'),
    })
  })

  it('can be made, listed and revoked over HTTP by an admin', async () => {
    const admin = await shop.deps.keys.create({
      name: 'admin',
      kind: 'server',
      scopes: ['admin'],
      origins: [],
    })
    const headers = { 'x-api-key': admin.text }
    const made = await shop.bare(
      '/v1/keys',
      postJson({ name: 'site', kind: 'server', scopes: ['read'] }, headers),
    )
    expect(made.status).toBe(201)
    const { text } = (await made.json()) as { text: string }
    expect(await status({ 'x-api-key': text })).toBe(200)
    const listed = await (await shop.bare('/v1/keys', { headers })).text()
    expect(listed).toContain('"site"')
    expect(listed).not.toContain(text)
    expect(listed).not.toContain('sha256')
    const gone = await shop.bare('/v1/keys/site', { method: 'DELETE', headers })
    expect(gone.status).toBe(204)
    expect(await status({ 'x-api-key': text })).toBe(401)
    const again = await shop.bare('/v1/keys/site', { method: 'DELETE', headers })
    expect(again.status).toBe(404)
    const greedy = postJson({ name: 'x', kind: 'server', scopes: ['root'] }, headers)
    expect((await shop.bare('/v1/keys', greedy)).status).toBe(400)
    const typo = postJson({ name: 'x', kind: 'server', scope: ['read'] }, headers)
    expect((await shop.bare('/v1/keys', typo)).status).toBe(400)
  })
})

describe('hosts', () => {
  let shop: Composed
  beforeAll(async () => {
    shop = await compose()
  })
  afterAll(() => shop.close())

  it.each([
    ['127.0.0.1:4600', 200],
    ['localhost', 200],
    ['LOCALHOST:80', 200],
    ['[::1]:4600', 200],
    ['evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['localhost:4600.evil.example', 403],
  ])('dev answers %s with %i', async (host, status) => {
    const headers = { host, 'x-api-key': 'sk_dev' }
    const response = await shop.bare('/v1/orders', { headers })
    expect(response.status).toBe(status)
    if (status === 403) expect(await response.json()).toMatchObject({ code: 'host_refused' })
  })

  it('start answers those of allowed_hosts, and any without the setting', async () => {
    const listed = await compose({
      mode: 'start',
      settings: { allowed_hosts: 'Events.shop.example, other.example:8443' },
    })
    const open = await compose({ mode: 'start' })
    try {
      const ask = async (shop: Composed, host: string) =>
        (await shop.bare('/livez', { headers: { host } })).status
      expect(await ask(listed, 'events.shop.example')).toBe(200)
      expect(await ask(listed, 'events.shop.example:8443')).toBe(200)
      expect(await ask(listed, 'other.example:8443')).toBe(200)
      expect(await ask(listed, 'other.example')).toBe(403)
      expect(await ask(listed, '127.0.0.1:4600')).toBe(200)
      expect(await ask(open, 'anything.example')).toBe(200)
    } finally {
      await Promise.all([listed.close(), open.close()])
    }
  })
})

describe('pages of other origins', () => {
  let shop: Composed
  let website: string
  const EVENT = { event_type: 'page_view', timestamp: '2025-01-15T10:25:00Z', page_url: '/' }
  beforeAll(async () => {
    shop = await compose({ mode: 'start' })
    const origins = ['https://shop.example']
    const key = { name: 'website', kind: 'browser', scopes: ['write'], origins } as const
    website = (await shop.deps.keys.create(key)).text
  })
  afterAll(() => shop.close())

  const post = (headers: { [name: string]: string }) =>
    shop.bare('/v1/events', postJson(EVENT, { host: 'events.example', ...headers }))

  it('may ask before they have a key', async () => {
    const response = await shop.bare('/v1/events', {
      method: 'OPTIONS',
      headers: {
        origin: 'https://anywhere.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-api-key',
      },
    })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-origin')).toBe('https://anywhere.example')
    expect(response.headers.get('access-control-allow-methods')).toContain('POST')
    expect(response.headers.get('access-control-allow-headers')).toContain('x-api-key')
  })

  it('may send where the key lists them, and read the answer', async () => {
    const response = await post({ origin: 'https://shop.example', 'x-api-key': website })
    expect(response.status).toBe(202)
    expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    expect(response.headers.get('vary')).toContain('origin')
    expect(response.headers.get('access-control-expose-headers')).toContain('retry-after')
  })

  it.each([
    'https://evil.example',
    'https://shop.example.evil.example',
    'http://shop.example',
    'null',
  ])('are refused as %s, and cannot read why', async (origin) => {
    const response = await post({ origin, 'x-api-key': website })
    expect(response.status).toBe(403)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
    expect(await response.json()).toMatchObject({ code: 'origin_refused' })
  })

  it("no page but the server's own may use a server's key", async () => {
    const scopes = ['write', 'read'] as const
    const { text } = await shop.deps.keys.create({
      name: 'srv',
      kind: 'server',
      scopes,
      origins: [],
    })
    expect((await post({ origin: 'https://shop.example', 'x-api-key': text })).status).toBe(403)
    expect((await post({ origin: 'https://events.example', 'x-api-key': text })).status).toBe(202)
  })

  it('may read why their key failed', async () => {
    const response = await post({ origin: 'https://shop.example', 'x-api-key': 'pk_wrong' })
    expect(response.status).toBe(401)
    expect(response.headers.get('access-control-allow-origin')).toBe('https://shop.example')
  })
})

describe('what is not there', () => {
  let shop: Composed
  beforeAll(async () => {
    shop = await compose()
  })
  afterAll(() => shop.close())

  it('other methods get 405 with what is taken', async () => {
    const response = await shop.request('/v1/events', { method: 'PUT' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('POST, OPTIONS')
    expect(await response.json()).toMatchObject({ code: 'method_not_allowed' })
    const options = await shop.bare('/v1/orders', { method: 'OPTIONS' })
    expect(options.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
  })

  it('unknown routes and ids get 404 problems', async () => {
    for (const target of ['/v1/nothing', '/v1/orders/none', '/assets/none.js']) {
      const response = await shop.request(target)
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ code: 'not_found' })
    }
    expect((await shop.request('/nothing', { method: 'POST' })).status).toBe(404)
  })

  it('HEAD answers as GET without a body', async () => {
    const response = await shop.request('/v1/orders', { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(await response.text()).toBe('')
  })

  it('a fault of ours tells the client nothing and the log everything', async () => {
    const broken = await compose()
    try {
      Object.assign(broken.deps, {
        ledger: () => Promise.reject(new Error('secret path /var/lib/shoplake')),
      })
      const response = await broken.request('/v1/ledger')
      expect(response.status).toBe(500)
      const text = await response.text()
      expect(text).not.toContain('secret')
      expect(JSON.parse(text)).toMatchObject({ code: 'internal' })
      const line = broken.logged.find(({ level }) => level === 'error')
      expect(line?.fields).toMatchObject({ err: { message: expect.stringContaining('secret') } })
      expect(broken.metrics.total('shoplake_refused_total', { code: 'internal' })).toBe(1)
      const counted = { route: '/v1/ledger', status: '500' }
      expect(broken.metrics.total('shoplake_requests_total', counted)).toBe(1)
    } finally {
      await broken.close()
    }
  })

  it('a flood of bad requests does not fill the log, and says how much it left out', async () => {
    let at = Date.parse('2026-03-01T09:00:00Z')
    const flooded = await compose({ mode: 'start', now: () => at })
    try {
      for (let sent = 0; sent < 100; sent++) await flooded.bare('/v1/orders')
      expect(flooded.logged.length).toBeLessThan(50)
      at += 1000
      await flooded.bare('/v1/orders')
      const lines = flooded.logged.map(({ fields }) => fields as { left_out?: number })
      expect(lines.length + (lines.at(-1)?.left_out ?? 0)).toBe(101)
      const refused = { code: 'key_missing' }
      expect(flooded.metrics.total('shoplake_refused_total', refused)).toBe(101)
    } finally {
      await flooded.close()
    }
  })

  it('a stopping server refuses work and still says that it lives', async () => {
    const stopping = await compose()
    try {
      stopping.stop()
      const response = await stopping.request('/v1/events', postJson({}))
      expect(response.status).toBe(503)
      expect(response.headers.get('connection')).toBe('close')
      expect(response.headers.get('retry-after')).toBe('5')
      expect(await response.json()).toMatchObject({ code: 'shutting_down' })
      expect((await stopping.bare('/livez')).status).toBe(200)
      expect((await stopping.bare('/readyz')).status).toBe(503)
    } finally {
      await stopping.close()
    }
  })
})
