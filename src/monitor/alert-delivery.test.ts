import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Metrics, NO_METRICS } from '../metrics.ts'
import { type AlertMessage, createAlertDelivery, MOST_WAITING } from './alert-delivery.ts'
import { ALERT_RULES } from './alert-rules.ts'
import { createAlertWatch } from './alert-watch.ts'
import type { AlertInput, AlertNotice } from './alerts.ts'

const AT = Date.UTC(2025, 0, 15, 12)
const PAUSES_MS = [1, 1, 1]

describe('alert delivery', () => {
  let server: Server
  let url: string
  let received: AlertMessage[]
  /** Statuses of the next answers; 200 when there are none, 0 hangs up. */
  let answers: number[]
  let outcomes: string[]
  let metrics: Metrics

  beforeEach(async () => {
    received = []
    answers = []
    outcomes = []
    metrics = {
      ...NO_METRICS,
      add: (name, value, labels) => outcomes.push(`${name} ${labels?.outcome} ${value}`),
    }
    server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        received.push(JSON.parse(Buffer.concat(chunks).toString()))
        const status = answers.shift() ?? 200
        if (status === 0) request.socket.destroy()
        else response.writeHead(status).end('thanks')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  })

  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  const deliveryTo = (to: string) =>
    createAlertDelivery({ url: to, shop: 'Demo shop', metrics, pauses_ms: PAUSES_MS })

  const counted = (...names: string[]) =>
    names.map((name) => `shoplake_alert_deliveries_total ${name} 1`)

  test('posts what fires and what resolves, in order', async () => {
    const delivery = deliveryTo(url)
    delivery.send(notice('firing'))
    delivery.send(notice('resolved'))
    await delivery.settled()
    expect(received.map((message) => message.state)).toEqual(['firing', 'resolved'])
    expect(received[0]).toEqual({
      text: 'Demo shop: stream_not_writable firing. Events are refused with 503: the stream cannot be written. stream_writable is 0, below 1',
      alert: 'stream_not_writable',
      state: 'firing',
      severity: 'critical',
      summary: 'Events are refused with 503: the stream cannot be written.',
      detail: 'stream_writable is 0, below 1',
      since: '2025-01-15T12:00:00.000Z',
      at: '2025-01-15T12:00:15.000Z',
      shop: 'Demo shop',
    })
    expect(outcomes).toEqual(counted('delivered', 'delivered'))
  })

  test('tries again after 5xx, 429 and a broken connection, before the next notice', async () => {
    answers = [503, 429, 0]
    const delivery = deliveryTo(url)
    delivery.send(notice('firing'))
    delivery.send(notice('resolved'))
    await delivery.settled()
    expect(received.map((message) => message.state)).toEqual([
      'firing',
      'firing',
      'firing',
      'firing',
      'resolved',
    ])
    expect(outcomes).toEqual(counted('retry', 'retry', 'retry', 'delivered', 'delivered'))
  })

  test('gives up after the last try, and goes on with the next', async () => {
    answers = [500, 500, 500, 500]
    const delivery = deliveryTo(url)
    delivery.send(notice('firing'))
    delivery.send(notice('resolved'))
    await delivery.settled()
    expect(outcomes).toEqual(counted('retry', 'retry', 'retry', 'retry', 'given_up', 'delivered'))
    expect(received.at(-1)?.state).toBe('resolved')
  })

  test('an answer that will not change is not tried again', async () => {
    answers = [404]
    const delivery = deliveryTo(url)
    delivery.send(notice('firing'))
    await delivery.settled()
    expect(outcomes).toEqual(counted('refused'))
    expect(received).toHaveLength(1)
  })

  test('nobody listens: tried again, then given up', async () => {
    await new Promise((resolve) => server.close(resolve))
    const delivery = deliveryTo(url)
    delivery.send(notice('firing'))
    await delivery.settled()
    expect(outcomes).toEqual(counted('retry', 'retry', 'retry', 'retry', 'given_up'))
  })

  test('without an address nothing is sent; what waits is bounded; stop ends a pause', async () => {
    const silent = deliveryTo('')
    silent.send(notice('firing'))
    await silent.settled()
    expect([received.length, outcomes.length]).toEqual([0, 0])

    answers = Array.from({ length: 10 }, () => 503)
    const slow = createAlertDelivery({ url, shop: '', metrics, pauses_ms: [60_000] })
    for (let index = 0; index < MOST_WAITING + 3; index++) slow.send(notice('firing'))
    expect(outcomes).toEqual(counted('dropped', 'dropped'))
    await slow.stop()
    expect(received.length).toBeLessThanOrEqual(1)
  })

  test('the watch evaluates, shows what fires, and sends it', async () => {
    const gauges = new Map<string, number>()
    let input: AlertInput = { at: AT, signals: { not_encodable: { value: 1 } } }
    const errors: unknown[] = []
    const watch = createAlertWatch({
      rules: ALERT_RULES,
      input: async () => input,
      delivery: deliveryTo(url),
      metrics: { ...metrics, set: (_, value, labels) => gauges.set(labels?.rule ?? '', value) },
      onError: (error) => errors.push(error),
      every_ms: 1,
    })
    await watch.tick()
    expect(gauges.get('not_encodable')).toBe(1)
    expect(gauges.get('disk_low')).toBe(0)
    expect(gauges.size).toBe(ALERT_RULES.length)
    input = { at: AT + 1000, signals: { not_encodable: { value: 0 } } }
    watch.start()
    await until(() => received.length === 2)
    await watch.stop()
    expect(received.map((message) => message.state)).toEqual(['firing', 'resolved'])
    expect(gauges.get('not_encodable')).toBe(0)
    expect(errors).toEqual([])
  })

  test('a watch whose input fails says so and goes on', async () => {
    let calls = 0
    const errors: unknown[] = []
    const watch = createAlertWatch({
      rules: ALERT_RULES,
      input: async () => {
        calls++
        if (calls === 1) throw new Error('store is away')
        return { at: AT, signals: { not_encodable: { value: 1 } } }
      },
      delivery: deliveryTo(url),
      metrics,
      onError: (error) => errors.push(error),
      every_ms: 1,
    })
    watch.start()
    await until(() => received.length === 1)
    await watch.stop()
    expect(errors).toHaveLength(1)
  })
})

function notice(state: 'firing' | 'resolved'): AlertNotice {
  const rule = ALERT_RULES.find((one) => one.name === 'stream_not_writable')!
  return { rule, state, at: AT + 15_000, since: AT, detail: 'stream_writable is 0, below 1' }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2))
}
