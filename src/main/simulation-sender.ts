import { DEV_KEYS } from '../config.ts'
import type { SimulatedEvent, SimulatedSource } from '../simulator/world.ts'
import type { Client } from './client.ts'
import { postEvents } from './post-events.ts'

const BATCH_EVENTS = 2000
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
      texts: DEV_KEYS,
      sources: Object.values(DEV_KEYS),
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
    throw client.refusal(response.status, text)
  }
}

/** What became of everything that was sent. */
export interface Sent {
  events: number
  accepted: number
  duplicates: number
  rejected: number
  /** Some were sent again without knowing what became of them before. */
  again: boolean
}

export interface SendOptions {
  readonly url: string
  readonly keys: ShopKeys['texts']
  readonly events: Iterable<SimulatedEvent>
  /** How long the server may be away; two minutes unless given. */
  readonly patience_ms?: number
  /** Asked before every request: whether there is still somebody who wants the events sent. */
  isWanted?(): boolean
  /** Told after each batch: how many of `events`, from the first one, the server has answered for. */
  onSent?(events: number): void
}

/**
 * Sends events in batches, in their order; each batch is one request of each source, and the next one is made while it
 * is under way. Comes back early when nobody wants them any more. Throws a plain Error where the server refuses.
 */
export async function sendEvents(options: SendOptions): Promise<Sent> {
  const { isWanted = () => true, onSent = () => undefined } = options
  const sent: Sent = { events: 0, accepted: 0, duplicates: 0, rejected: 0, again: false }
  let underWay: Promise<void> = Promise.resolve()
  const send = async (batch: readonly SimulatedEvent[]) => {
    if (!(await sendBatch(batch, { ...options, isWanted }, sent))) return
    sent.events += batch.length
    onSent(sent.events)
  }
  for (const batch of batchesOf(options.events)) {
    await underWay
    if (!isWanted()) return sent
    underWay = send(batch)
    // Its failure is met at the next await; until then nobody would be listening.
    underWay.catch(() => undefined)
  }
  await underWay
  return sent
}

function* batchesOf(events: Iterable<SimulatedEvent>): Generator<SimulatedEvent[]> {
  let batch: SimulatedEvent[] = []
  for (const next of events) {
    batch.push(next)
    if (batch.length < BATCH_EVENTS) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** False where it was given up before every part had its answer. */
async function sendBatch(
  batch: readonly SimulatedEvent[],
  options: SendOptions & { isWanted(): boolean },
  sent: Sent,
): Promise<boolean> {
  const { url, keys, isWanted, patience_ms = PATIENCE_MS } = options
  const parts = (['browser', 'server'] as const).map((source) => ({
    key: keys[source],
    events: batch.filter((next) => next.source === source).map((next) => next.event),
  }))
  const answers = await Promise.all(
    parts
      .filter(({ events }) => events.length > 0)
      .map((part) => postEvents({ url, ...part, patience_ms, isWanted })),
  )
  for (const answer of answers) {
    sent.accepted += answer?.accepted ?? 0
    sent.duplicates += answer?.duplicates ?? 0
    sent.rejected += answer?.rejected ?? 0
    sent.again ||= answer?.again ?? false
  }
  return !answers.includes(undefined)
}
