import type { SimulatedEvent, SimulatedSource } from '../simulator/world.ts'
import type { Client } from './client.ts'
import { postEvents } from './post-events.ts'

const BATCH_EVENTS = 1000
const PATIENCE_MS = 120_000

/** Keys under which the events of a simulated shop arrive: its pages and its server are two sources. */
export interface ShopKeys {
  readonly texts: { readonly [S in SimulatedSource]: string }
  readonly sources: readonly string[]
  close(): Promise<void>
}

/**
 * The two development keys of a server under `dev`; elsewhere two new keys, which `close` revokes. Those that a killed
 * run has left are replaced. Needs an admin key.
 */
export async function openShopKeys(client: Client): Promise<ShopKeys> {
  const { mode } = await client.json<{ mode: string }>('/version')
  if (mode === 'dev') {
    return {
      texts: { browser: 'pk_dev', server: 'sk_dev' },
      sources: ['pk_dev', 'sk_dev'],
      close: async () => undefined,
    }
  }
  const create = async (kind: SimulatedSource) => {
    await revoke(client, nameOf(kind))
    const { text } = await client.json<{ text: string }>('/v1/keys', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: nameOf(kind), kind, scopes: ['write'], origins: [] }),
    })
    return text
  }
  return {
    texts: { browser: await create('browser'), server: await create('server') },
    sources: [nameOf('browser'), nameOf('server')],
    async close() {
      for (const kind of ['browser', 'server'] as const) await revoke(client, nameOf(kind))
    },
  }
}

function nameOf(kind: SimulatedSource): string {
  return `sim-${kind}`
}

async function revoke(client: Client, name: string): Promise<void> {
  const response = await client.fetch(`/v1/keys/${name}`, { method: 'DELETE' })
  const text = await response.text()
  if (!response.ok && response.status !== 404) {
    throw new Error(client.problem(response.status, text))
  }
}

/** What became of everything that was sent. */
export interface Sent {
  events: number
  accepted: number
  duplicates: number
  rejected: number
  again: boolean
}

/** Sends events in batches by source, in their order; the next batch is made while one is under way. */
export async function sendEvents(options: {
  url: string
  keys: ShopKeys['texts']
  events: Iterable<SimulatedEvent>
}): Promise<Sent> {
  const { url, keys } = options
  const sent: Sent = { events: 0, accepted: 0, duplicates: 0, rejected: 0, again: false }
  const pending: { [S in SimulatedSource]: object[] } = { browser: [], server: [] }
  let underWay: Promise<void> = Promise.resolve()
  const post = async (source: SimulatedSource, events: object[]) => {
    const key = keys[source]
    const isWanted = () => true
    const posted = await postEvents({ url, key, events, patience_ms: PATIENCE_MS, isWanted })
    sent.events += events.length
    sent.accepted += posted!.accepted
    sent.duplicates += posted!.duplicates
    sent.rejected += posted!.rejected
    sent.again ||= posted!.again
  }
  for (const { source, event } of options.events) {
    const list = pending[source]
    list.push(event)
    if (list.length < BATCH_EVENTS) continue
    const batch = list.splice(0)
    await underWay
    underWay = post(source, batch)
    // Its failure is met at the next await; until then nobody would be listening.
    underWay.catch(() => undefined)
  }
  await underWay
  for (const source of ['browser', 'server'] as const) {
    if (pending[source].length > 0) await post(source, pending[source])
  }
  return sent
}
