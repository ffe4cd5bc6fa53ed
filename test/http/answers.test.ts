import { createRequire } from 'node:module'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { EVENT_TYPES, EVENTS } from '../../src/schema/registry.ts'
import { allReports } from '../reports/lake.ts'
import { type Composed, compose } from './compose.ts'

const require = createRequire(import.meta.url)
const Ajv2020 = require('ajv/dist/2020.js').Ajv2020 as typeof import('ajv/dist/2020.js').Ajv2020
const addFormats = require('ajv-formats').default as typeof import('ajv-formats').default

const HOUR_MS = 3_600_000

interface Document {
  readonly paths: {
    readonly [path: string]: {
      readonly [method: string]: {
        readonly responses: {
          readonly [status: string]: { readonly content: { readonly [type: string]: object } }
        }
      }
    }
  }
}

let shop: Composed
let document: Document
let letter: string
beforeAll(async () => {
  // Just behind the examples, so that nothing of them has expired.
  const now = () => Date.now() - late
  const late = Date.now() - (Date.parse('2025-01-15T12:00:00Z') + HOUR_MS)
  shop = await compose({ now, reports: [...allReports().values()] })
  document = (await (await shop.bare('/openapi.json')).json()) as Document
  await shop.send([...EVENT_TYPES.map((type) => EVENTS[type].example), { event_type: 'nonsense' }])
  const letters = await (await shop.request('/v1/dead-letters')).json()
  letter = (letters as { items: { dead_letter_id: string }[] }).items[0]!.dead_letter_id
})
afterAll(() => shop.close())

/** What the document says about an answer, as a validator. */
function validator(path: string, status: number) {
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { money: true } })
  addFormats(ajv)
  ajv.addSchema({ $id: 'https://shoplake.test/openapi', ...document })
  const pointer = [
    'paths',
    path,
    'get',
    'responses',
    String(status),
    'content',
    'application/json',
    'schema',
  ]
  const escaped = pointer.map((part) =>
    encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')),
  )
  return ajv.compile({ $ref: `https://shoplake.test/openapi#/${escaped.join('/')}` })
}

it.each([
  ['/v1/orders', ''],
  ['/v1/orders/{id}', 'ord_123456'],
  ['/v1/customers', ''],
  ['/v1/customers/{id}', 'cust_789'],
  ['/v1/products', ''],
  ['/v1/products/{id}', 'prod_001'],
  ['/v1/sessions', ''],
  ['/v1/sessions/{id}', 'sess_abc123'],
  ['/v1/inventory', ''],
  ['/v1/live', ''],
  ['/v1/ledger', ''],
  ['/v1/dead-letters', ''],
  ['/v1/dead-letters/{id}', 'letter'],
  ['/v1/reports', ''],
  ['/v1/keys', ''],
  ['/readyz', ''],
  ['/version', ''],
])('%s answers what the document says', async (path, id) => {
  const target = path.replace('{id}', encodeURIComponent(id === 'letter' ? letter : id))
  const response = await shop.request(target)
  expect(response.status).toBe(200)
  const body = (await response.json()) as { items?: unknown[] }
  if (body.items) expect(body.items.length).toBeGreaterThan(0)
  const fits = validator(path, 200)
  fits(body)
  expect(fits.errors ?? []).toEqual([])
})
