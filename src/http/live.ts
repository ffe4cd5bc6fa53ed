import { createHash } from 'node:crypto'
import { ShoplakeError } from '../errors.ts'
import { identify } from './auth.ts'
import { type Call, type Handler, jsonAnswer } from './call.ts'
import type { AppDeps } from './deps.ts'
import { documentOut } from './page.ts'

const CLIENTS_LIMIT = 200
const LOOK_MS = 250
const HEARTBEAT_MS = 15_000
const LATEST_ORDERS = 10

interface Snapshot {
  /** Of the content alone: the same content has the same id, also after a restart. */
  readonly id: string
  readonly body: string
}

/** Right now, once and as a stream. */
export function liveHandlers(deps: AppDeps): { getLive: Handler; streamLive: Handler } {
  const hub = createHub(deps)
  return {
    getLive: async () => jsonAnswer(200, await liveOut(deps)),
    async streamLive(call) {
      if (deps.streams === false) {
        throw new ShoplakeError(
          'not_offered',
          'Answers of this home come whole: ask GET /v1/live again and again instead.',
        )
      }
      return {
        status: 200,
        headers: {
          'content-type': 'text/event-stream',
          // Reverse proxies that buffer would hold every number back.
          'x-accel-buffering': 'no',
        },
        body: await hub.join(call),
      }
    },
  }
}

async function liveOut(deps: AppDeps): Promise<object> {
  const { store } = deps
  const range = { from: 'time/', to: 'time0', limit: LATEST_ORDERS, reverse: true }
  const entries = await store.list('order_index', range)
  const latest = await Promise.all(
    entries.map(({ document }) => store.get('orders', String(document.order_id))),
  )
  const orders = latest.filter((order) => order !== undefined)
  return {
    ...documentOut({ ...(await deps.live()) }),
    latest_orders: orders.map((order) => {
      const { timeline: _timeline, shipments: _shipments, ...short } = documentOut(order)
      return short
    }),
  }
}

interface Client {
  send(frame: Uint8Array): void
  /** Whether the last frame has left; a slow reader misses frames and never holds memory. */
  ready(): boolean
  close(): void
  /** Whether its key still opens this; one that was revoked must not go on hearing. */
  isWelcome(): boolean
  seen: string | undefined
}

/** All clients share one look at the store, taken only while somebody listens. */
function createHub(deps: AppDeps): { join(call: Call): Promise<ReadableStream<Uint8Array>> } {
  const clients = new Set<Client>()
  let timer: NodeJS.Timeout | undefined
  let beatAt = 0

  const tell = async () => {
    const snapshot = await snapshotOf(deps)
    const beats = Math.abs(deps.now() - beatAt) >= HEARTBEAT_MS
    if (beats) beatAt = deps.now()
    for (const client of [...clients]) {
      if (client.isWelcome()) offer(client, snapshot, beats)
      else client.close()
    }
  }
  const leave = (client: Client) => {
    clients.delete(client)
    if (clients.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
  const look = async () => {
    try {
      await tell()
    } catch (error) {
      // A store that cannot be read now can be at the next look; listeners keep what they have.
      deps.log.warn({ err: error }, 'live numbers could not be read')
    }
  }
  deps.shutdown.addEventListener('abort', () => {
    for (const client of [...clients]) client.close()
  })

  return {
    async join(call) {
      const first = await snapshotOf(deps)
      if (clients.size >= CLIENTS_LIMIT) {
        throw new ShoplakeError('overloaded', `${CLIENTS_LIMIT} pages listen already`)
      }
      const { stream, client } = openClient(call, leave, () => isWelcome(call, deps))
      clients.add(client)
      client.send(encode('retry: 2000\n\n'))
      if (client.seen !== first.id) offer(client, first, false)
      timer ??= setInterval(() => void look(), LOOK_MS).unref()
      return stream
    },
  }
}

function openClient(
  call: Call,
  leave: (client: Client) => void,
  isWelcome: () => boolean,
): { stream: ReadableStream<Uint8Array>; client: Client } {
  let control: ReadableStreamDefaultController<Uint8Array> | undefined
  let open = true
  const client: Client = {
    seen: call.header('last-event-id'),
    isWelcome,
    send: (frame) => control?.enqueue(frame),
    ready: () => open && (control?.desiredSize ?? 0) > 0,
    close() {
      if (!open) return
      open = false
      leave(client)
      control?.close()
    },
  }
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        control = controller
      },
      cancel() {
        open = false
        leave(client)
      },
    },
    { highWaterMark: 2 },
  )
  return { stream, client }
}

function isWelcome(call: Call, { keys, mode }: AppDeps): boolean {
  try {
    identify(call, keys, 'read', mode)
    return true
  } catch (error) {
    if (error instanceof ShoplakeError) return false
    throw error
  }
}

function offer(client: Client, snapshot: Snapshot, beats: boolean): void {
  if (!client.ready()) return
  if (client.seen !== snapshot.id) {
    client.seen = snapshot.id
    client.send(encode(`id: ${snapshot.id}\nevent: live\ndata: ${snapshot.body}\n\n`))
  } else if (beats) client.send(encode(': still here\n\n'))
}

async function snapshotOf(deps: AppDeps): Promise<Snapshot> {
  const live = await liveOut(deps)
  const { at: _at, ...content } = live as { at?: unknown }
  const id = createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 16)
  return { id, body: JSON.stringify(live) }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
