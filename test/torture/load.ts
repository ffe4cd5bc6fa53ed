import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../../src/simulator/random.ts'
import type { TestServer } from '../e2e/server.ts'

/** What one request carried, and whether it was acknowledged. */
export interface Sent {
  readonly events: number
  readonly orders: number
  readonly stock: number
  acked: boolean
}

/** Everything that was sent in a round, by the request's id: the part of its event ids before the dot. */
export type Requests = Map<string, Sent>

export interface Load {
  readonly requests: Requests
  /** Events acknowledged so far. */
  acked(): number
  /** Answers by status, 0 for a connection that broke. */
  readonly statuses: Map<number, number>
  /** Sends nothing new; what is worth a retry is retried until it is acknowledged, for at most a minute. */
  stop(): Promise<void>
}

const CONNECTIONS = 6
/** A browser's word moves no stock. */
const SERVER_KEY = { 'x-api-key': 'sk_dev' }
const PATIENCE_MS = 60_000

/**
 * Requests of 1 to 80 events of three types over three days until it is stopped. A request without an answer is sent
 * again, as a careful client does, or given up, as a browser does: each half of the time.
 */
export function startLoad(options: {
  server(): TestServer
  round: number
  random: Random
  /** Bytes of noise in each event, for disks that are to fill. */
  noise?: number
}): Load {
  const { server, round, random } = options
  const requests: Requests = new Map()
  const statuses = new Map<number, number>()
  let running = true
  let stoppedAt = Number.POSITIVE_INFINITY
  let acked = 0

  async function attempt(body: string, sent: Sent): Promise<boolean> {
    const answer = await server()
      .post(body, SERVER_KEY)
      .catch(() => ({ status: 0, body: undefined }))
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
    if (answer.status !== 202) return false
    const { accepted, duplicates } = answer.body
    if (accepted + duplicates !== sent.events) throw new Error(JSON.stringify(answer.body))
    sent.acked = true
    acked += sent.events
    return true
  }

  async function deliver(body: string, sent: Sent, isCareful: boolean): Promise<void> {
    while (!(await attempt(body, sent))) {
      if (!isCareful || Date.now() - stoppedAt > PATIENCE_MS) return
      await sleep(100)
    }
  }

  async function connection(index: number): Promise<void> {
    for (let turn = 0; running; turn++) {
      const id = `t${round}x${index}x${turn}`
      const events = eventsOf(id, round, random, options.noise ?? 0)
      const count = (type: string) => events.filter((event) => event.event_type === type).length
      const sent: Sent = {
        events: events.length,
        orders: count('order_created'),
        stock: count('inventory_updated'),
        acked: false,
      }
      requests.set(id, sent)
      await deliver(JSON.stringify(events), sent, random.chance(0.5))
      if (!sent.acked) await sleep(20)
    }
  }

  const connections = Array.from({ length: CONNECTIONS }, (_, index) => connection(index))
  return {
    requests,
    statuses,
    acked: () => acked,
    async stop() {
      running = false
      stoppedAt = Date.now()
      await Promise.all(connections)
    },
  }
}

function eventsOf(id: string, round: number, random: Random, noise: number) {
  return Array.from({ length: random.integer(1, 80) }, (_, index) => {
    const common = {
      event_id: `${id}.${index}`,
      timestamp: `2025-01-${10 + random.integer(0, 2)}T10:30:00Z`,
      ...(noise > 0 && { noise: noiseOf(random, noise) }),
    }
    const draw = random.next()
    if (draw < 0.3) {
      return {
        ...common,
        event_type: 'order_created',
        order_id: `${id}.${index}`,
        customer_id: `torture-${round}`,
        items: [{ product_id: `p-${round}`, quantity: 1, price: 1.5 }],
        total_amount: 1.5,
      }
    }
    if (draw < 0.5) {
      const stock = { product_id: `p-${round}`, location: 'main', delta: 1 }
      return { ...common, event_type: 'inventory_updated', ...stock, reason: 'torture' }
    }
    return { ...common, event_type: 'page_view', session_id: `s-${id}`, page_url: '/torture' }
  })
}

function noiseOf(random: Random, bytes: number): string {
  let text = ''
  while (text.length < bytes) text += random.integer(0, 0xffffffff).toString(16)
  return text
}
