import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openDynamodbKeys } from '../../src/aws/dynamodb-keys.ts'
import { readStream } from '../../src/aws/kinesis-reader.ts'
import { keyProblem } from '../../src/local/stored-keys.ts'
import type { GatewayEvent } from '../../src/main/lambda-http.ts'
import { decodeRecord, isEventGroup } from '../../src/pipeline/record.ts'
import { EVENTS } from '../../src/schema/registry.ts'
import { ATTACKS, JSON_TYPE, VIEW } from '../http/attacks.ts'
import { SECRET } from '../pipeline/store-rows.ts'
import { gatewayEvent } from './gateway.ts'
import { type EmulatedHome, startHome } from './home.ts'

describe('the collect function behind the gateway', () => {
  let home: EmulatedHome
  let server: string
  let browser: string

  beforeAll(async () => {
    home = await startHome({ buckets: 4, secret: SECRET })
    const keys = openDynamodbKeys({
      client: home.dynamodb,
      table: home.table,
      check: keyProblem,
      now: Date.now,
    })
    const traits = { name: 'shop', kind: 'server', scopes: ['write'], origins: [] } as const
    server = (await keys.create(traits)).text
    browser = (await keys.create({ ...traits, name: 'web', kind: 'browser', origins: ['*'] })).text
    await expect(keys.create(traits)).rejects.toMatchObject({ code: 'bad_request' })
    expect(
      keys
        .list()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['shop', 'web'])
  })
  beforeEach(() => {
    for (const proxy of Object.values(home.proxies)) proxy.plan = () => undefined
  })
  afterAll(() => home.close())

  const send = async (event: GatewayEvent) => {
    const answer = await home.collect(event)
    return { ...answer, json: JSON.parse(answer.body) }
  }

  async function stored(): Promise<string[]> {
    const ids: string[] = []
    for await (const { data } of readStream(home.kinesis, home.stream)) {
      for (const { name, lines } of decodeRecord(data).groups) {
        if (!isEventGroup(name)) continue
        ids.push(...lines.map((line) => JSON.parse(Buffer.from(line).toString()).event_id))
      }
    }
    return ids
  }

  test('events are in the stream when they are acknowledged, and known when they come again', async () => {
    const body = JSON.stringify(
      Object.values(EVENTS).map(({ example }, index) => ({
        ...example,
        event_id: `first-${index}`,
      })),
    )
    const headers = { ...JSON_TYPE, 'x-api-key': server }
    const answer = await send(gatewayEvent(body, headers))
    const count = Object.keys(EVENTS).length
    expect([answer.statusCode, answer.isBase64Encoded]).toEqual([202, false])
    expect(answer.json).toMatchObject({ received: count, accepted: count, rejected: 0 })
    expect((await stored()).filter((id) => id.startsWith('first-'))).toHaveLength(count)
    expect((await send(gatewayEvent(body, headers))).json).toMatchObject({ duplicates: count })
  })

  test('gzip in base64, a body as text, several values of a header, a key in the query, no headers at all', async () => {
    const event = (id: string) => JSON.stringify({ ...VIEW, event_id: id })
    const zipped = { ...JSON_TYPE, 'content-encoding': 'gzip', 'x-api-key': server }
    expect((await send(gatewayEvent(gzipSync(event('zipped')), zipped))).statusCode).toBe(202)
    const asText = { body: event('text'), isBase64Encoded: false }
    const plain = gatewayEvent(null, { ...JSON_TYPE, 'X-Api-Key': server }, asText)
    expect((await send(plain)).statusCode).toBe(202)
    const several = gatewayEvent(event('several'), { ...JSON_TYPE, 'x-api-key': server })
    const twice = { ...several.multiValueHeaders, 'x-forwarded-for': ['192.0.2.1', '192.0.2.2'] }
    expect((await send({ ...several, multiValueHeaders: twice })).statusCode).toBe(202)
    const inQuery = { multiValueQueryStringParameters: { key: [browser], verbose: ['1'] } }
    const beacon = await send(
      gatewayEvent(event('query'), { 'content-type': 'text/plain' }, inQuery),
    )
    expect(beacon.json).toMatchObject({ accepted: 1, results: [{ event_id: 'query' }] })
    const bare = { headers: null, multiValueHeaders: null }
    expect((await send(gatewayEvent(event('bare'), {}, bare))).json).toMatchObject({
      status: 401,
      code: 'key_missing',
    })
    expect(await stored()).toEqual(expect.arrayContaining(['zipped', 'text', 'several', 'query']))
  })

  test.each(ATTACKS)('$name → $status $code', async ({ body, headers, status, code, reason }) => {
    const sent = gatewayEvent(body, { 'x-api-key': server, ...(headers ?? JSON_TYPE) })
    const answer = await send(sent)
    expect(answer.statusCode).toBe(status)
    expect(answer.json).toMatchObject({ status, code, type: `/docs#error-${code}` })
    expect(answer.headers['content-type']).toBe('application/problem+json')
    if (reason) expect(answer.json).toMatchObject({ results: [{ verdict: 'rejected', reason }] })
  })

  test('a stream that takes nothing is 503 with Retry-After', async () => {
    home.proxies.kinesis.plan = ({ operation }) =>
      operation === 'PutRecords'
        ? { kind: 'refuse', status: 400, code: 'ResourceNotFoundException' }
        : undefined
    const body = JSON.stringify({ ...VIEW, event_id: 'lost' })
    const answer = await send(gatewayEvent(body, { ...JSON_TYPE, 'x-api-key': server }))
    expect(answer.json).toMatchObject({ status: 503, code: 'stream_unavailable', retryable: true })
    expect(answer.headers['retry-after']).toMatch(/^\d+$/)
    home.proxies.kinesis.plan = () => undefined
    expect((await send(gatewayEvent(body, { ...JSON_TYPE, 'x-api-key': server }))).statusCode).toBe(
      202,
    )
  })
})
