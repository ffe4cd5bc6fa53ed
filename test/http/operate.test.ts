import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorsOf, type RouteSpec } from '../../src/derive/openapi.ts'
import { ERRORS } from '../../src/errors.ts'
import { ROUTES } from '../../src/http/routes.ts'
import { EVENT_TYPES, EVENTS } from '../../src/schema/registry.ts'
import { type Composed, compose } from './compose.ts'

const require = createRequire(import.meta.url)
const Ajv2020 = require('ajv/dist/2020.js').Ajv2020 as typeof import('ajv/dist/2020.js').Ajv2020
const addFormats = require('ajv-formats').default as typeof import('ajv-formats').default

interface Document {
  readonly openapi: string
  readonly paths: {
    readonly [path: string]: {
      readonly [method: string]: {
        readonly operationId: string
        readonly security: object[]
        readonly parameters?: { readonly name: string; readonly in: string }[]
        readonly requestBody?: {
          readonly content: {
            readonly [type: string]: {
              readonly examples: { readonly [name: string]: { value: unknown } }
            }
          }
        }
        readonly responses: { readonly [status: string]: { readonly description: string } }
      }
    }
  }
  readonly components: { readonly schemas: { readonly [name: string]: object } }
}

describe('documents and probes', () => {
  let shop: Composed
  let document: Document
  beforeAll(async () => {
    shop = await compose()
    document = (await (await shop.bare('/openapi.json')).json()) as Document
  })
  afterAll(() => shop.close())

  it('the document has every route, with its answers and each of its errors', () => {
    expect(document.openapi).toBe('3.1.0')
    for (const [name, route] of Object.entries(ROUTES) as [string, RouteSpec][]) {
      const operation = document.paths[route.path]?.[route.method]
      expect(operation?.operationId).toBe(name)
      const statuses = Object.keys(operation?.responses ?? {})
      expect(statuses).toEqual(expect.arrayContaining(Object.keys(route.answers)))
      for (const code of errorsOf(route)) {
        const response = operation?.responses[String(ERRORS[code].status)]
        expect(response?.description).toContain(code)
      }
      expect(operation?.security.length === 0).toBe(route.scope === 'none')
    }
  })

  it('every part of a path is described, and every reference leads somewhere', () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      const parts = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
      for (const operation of Object.values(methods)) {
        const described = operation.parameters?.filter((one) => one.in === 'path') ?? []
        expect(described.map((one) => one.name)).toEqual(parts)
      }
    }
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)
    for (const [, name] of references) expect(document.components.schemas).toHaveProperty(name!)
  })

  it('its schemas are JSON Schema, take the examples and refuse what is broken', () => {
    const ajv = new Ajv2020({ strict: false, formats: { money: true } })
    addFormats(ajv)
    ajv.addSchema({ $id: 'https://shoplake.test/openapi', components: document.components })
    const isEvent = ajv.compile({ $ref: 'https://shoplake.test/openapi#/components/schemas/Event' })
    for (const type of EVENT_TYPES)
      expect([type, isEvent(EVENTS[type].example)]).toEqual([type, true])
    expect(isEvent({ event_type: 'order_created' })).toBe(false)
    const body = document.paths['/v1/events']?.post?.requestBody?.content['application/json']
    expect(Object.keys(body?.examples ?? {}).length).toBeGreaterThan(0)
  })

  it('a real problem fits the schema of problems', async () => {
    const ajv = new Ajv2020({ strict: false })
    const problem = await (await shop.bare('/v1/orders')).json()
    expect(ajv.compile(document.components.schemas.Problem ?? {})(problem)).toBe(true)
  })

  it('the examples of bodies are accepted as they stand', async () => {
    const examples = Object.values(ROUTES).flatMap((route: RouteSpec) =>
      Object.values(route.body?.examples ?? {}).map(({ value }) => ({ route, value })),
    )
    for (const { route, value } of examples.filter(({ route: { path } }) => path !== '/v1/sql')) {
      const response = await shop.request(route.path, {
        method: route.method.toUpperCase(),
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(value),
      })
      const documented = Object.keys(route.answers).map((status) => [route.path, Number(status)])
      expect(documented).toContainEqual([route.path, response.status])
    }
  })

  it('a dry run of an import says what would come of it and keeps nothing', async () => {
    const rows = [
      { value: EVENTS.order_paid.example, file: 'a.csv', line: 2 },
      { value: { event_type: 'nothing' }, file: 'a.csv', line: 3 },
    ]
    const send = (dry_run: unknown) =>
      shop.request('/v1/import', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ source: 'dry', rows, dry_run }),
      })
    for (const _twice of [1, 2]) {
      const dry = await send(true)
      expect(dry.status).toBe(200)
      expect(await dry.json()).toMatchObject({ accepted: 1, duplicates: 0, rejected: 1 })
    }
    const real = await send(false)
    expect(real.status).toBe(202)
    expect(await real.json()).toMatchObject({ accepted: 1, duplicates: 0, rejected: 1 })
    expect((await send('yes')).status).toBe(400)
  })

  it('the page shows every route with a curl line, every event type and every error', async () => {
    const response = await shop.bare('/docs')
    const page = await response.text()
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self'")
    for (const [name, route] of Object.entries(ROUTES)) {
      expect(page).toContain(`id="${name}"`)
      expect(page).toContain(route.path.split('{')[0])
    }
    expect(page.match(/<code>curl /g)?.length).toBe(Object.keys(ROUTES).length + 1)
    for (const type of EVENT_TYPES) expect(page).toContain(`id="event-${type}"`)
    for (const code of Object.keys(ERRORS)) expect(page).toContain(`id="error-${code}"`)
    expect(page).toContain('http://127.0.0.1:4600/v1/events')
  })

  it('the page loads nothing from elsewhere and runs no script of its own', async () => {
    const page = await (await shop.bare('/docs')).text()
    expect(page.match(/<script[^>]*>[^<]/g)).toBeNull()
    expect([...page.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1])).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/^(https?:)?\/\//)]),
    )
    expect(page).not.toMatch(/\son\w+=/)
    const script = await shop.bare('/docs.js')
    expect(script.headers.get('content-type')).toMatch(/^text\/javascript/)
    expect((await script.text()).length).toBeGreaterThan(100)
  })

  it('a Host header cannot put markup into the page', async () => {
    const open = await compose({ mode: 'start' })
    try {
      const headers = { host: '"><script>alert(1)</script>' }
      const page = await (await open.bare('/docs', { headers })).text()
      expect(page).not.toContain('<script>alert')
    } finally {
      await open.close()
    }
  })

  it('livez, readyz, version and metrics answer', async () => {
    expect(await (await shop.bare('/livez')).text()).toBe('ok')
    expect(await (await shop.bare('/readyz')).json()).toMatchObject({ ready: true })
    expect(await (await shop.bare('/version')).json()).toMatchObject({
      name: 'shoplake',
      version: '0.0.0-test',
      mode: 'dev',
      shop: { currency: 'USD', time_zone: 'UTC' },
    })
    const metrics = await shop.bare('/metrics', { headers: { origin: 'https://other.example' } })
    expect(metrics.status).toBe(200)
    expect(metrics.headers.get('access-control-allow-origin')).toBeNull()
    const start = await compose({ mode: 'start' })
    try {
      expect((await start.bare('/metrics')).status).toBe(401)
    } finally {
      await start.close()
    }
  })

  it('readyz is 503 while events would be refused, and says why', async () => {
    const full = await compose()
    try {
      const checks = [{ name: 'disk', ok: false, optional: false, detail: '0.1 GB free' }]
      Object.assign(full.deps, { health: async () => ({ ready: false, checks }) })
      const response = await full.bare('/readyz')
      expect(response.status).toBe(503)
      expect(await response.json()).toEqual({ ready: false, checks })
    } finally {
      await full.close()
    }
  })
})

describe('what people look at', () => {
  it('is every alert rule with how it stands, and every setting without its secrets', async () => {
    const shop = await compose({
      settings: { alert_webhook_url: 'https://hooks.example/secret', low_stock_at: 7 },
    })
    const read = async (path: string) => (await shop.request(path)).json()
    expect(await read('/v1/alerts')).toMatchObject({
      webhook: true,
      alerts: expect.arrayContaining([
        expect.objectContaining({ name: 'disk_low', firing: true, detail: 'nearly full' }),
        expect.objectContaining({ name: 'no_events', phase: 'ok', firing: false }),
      ]),
    })
    const { settings } = (await read('/v1/settings')) as { settings: { name: string }[] }
    const of = (name: string) => settings.find((setting) => setting.name === name)
    expect(of('alert_webhook_url')).toMatchObject({ value: '••••', changed: true })
    expect(of('low_stock_at')).toMatchObject({ value: 7, default: 5, changed: true })
    expect(of('port')).toMatchObject({ changed: false })
    expect((await shop.request('/v1/pipeline')).status).toBe(501)
    await shop.close()
  })
})
