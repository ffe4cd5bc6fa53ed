import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { startServer, type TestServer, temporaryDirectory, until } from './server.ts'

const ROUNDS = 4
const VICTIMS = ['collect', 'lake', 'store'] as const
const CONNECTIONS = 4
const BATCH_EVENTS = 40
const directory = temporaryDirectory()

let server: TestServer

afterAll(async () => {
  await server.stop()
  rmSync(directory, { recursive: true, force: true })
})

/** Sends batches until told to stop; ids of what was acknowledged. Refused and broken connections count for nothing. */
function startLoad(
  server: TestServer,
  round: number,
): { acked(): number; stop(): Promise<string[]> } {
  let running = true
  const acknowledged: string[] = []
  const connection = async (index: number) => {
    for (let turn = 0; running; turn++) {
      const orders = Array.from({ length: BATCH_EVENTS }, (_, event) =>
        orderOf(`k-${round}-${index}-${turn}-${event}`),
      )
      const answer = await server.post(JSON.stringify(orders)).catch(() => undefined)
      if (answer?.status === 202) acknowledged.push(...orders.map((order) => order.order_id))
      else await sleep(50)
    }
  }
  const connections = Array.from({ length: CONNECTIONS }, (_, index) => connection(index))
  return {
    acked: () => acknowledged.length,
    async stop() {
      running = false
      await Promise.all(connections)
      return acknowledged
    },
  }
}

function orderOf(id: string) {
  return {
    event_type: 'order_created',
    event_id: id,
    order_id: id,
    timestamp: '2025-01-15T10:30:00Z',
    customer_id: 'killer',
    items: [{ product_id: 'p', quantity: 1, price: 1.5 }],
    total_amount: 1.5,
  }
}

async function countById(server: TestServer): Promise<Map<string, number>> {
  const counted = await server.sql('select event_id, count(*) from order_created group by event_id')
  return new Map(counted.map(([id, count]) => [String(id), Number(count)]))
}

async function isReady(server: TestServer): Promise<boolean> {
  const answer = await server.call('/readyz').catch(() => undefined)
  return answer?.status === 200
}

test('kill -9 of any process under load: each acknowledged event is in lake and store, once', async () => {
  const acknowledged: string[] = []
  server = await startServer(directory)
  for (let round = 0; round < ROUNDS; round++) {
    const load = startLoad(server, round)
    await until(async () => load.acked() > BATCH_EVENTS)
    await sleep(Math.random() * 700)
    const victim = VICTIMS[round % VICTIMS.length]!
    const pid = server.pidOf(victim)
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
    await sleep(300)
    acknowledged.push(...(await load.stop()))
    if (round % 2 === 0) {
      // The next round finds all of them at work.
      await until(async () => (await isReady(server)) && server.pidOf(victim) !== pid)
      continue
    }
    await server.stop('SIGKILL')
    server = await startServer(directory)
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS * BATCH_EVENTS)
  await until(async () => {
    const ledger = (await server.call('/v1/ledger?from=1970-01-01')).body
    return ledger.totals?.pending_store === 0
  })
  let inLake = new Map<string, number>()
  await until(async () => {
    // Hot rows are read again from the stream after a start; SQL answers meanwhile. What a killed server made durable without saying so is among them.
    inLake = await countById(server)
    const { orders } = (await server.call('/v1/customers/killer')).body
    return orders === inLake.size && acknowledged.every((id) => inLake.has(id))
  })
  expect([...inLake].filter(([, count]) => count !== 1)).toEqual([])
  expect((await server.call('/v1/ledger?from=1970-01-01')).body.balanced).toBe(true)
}, 120_000)
