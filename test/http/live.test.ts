import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Composed, compose } from './compose.ts'

function order(id: string) {
  return {
    event_type: 'order_created',
    timestamp: new Date().toISOString(),
    order_id: id,
    customer_id: 'cust',
    items: [{ product_id: 'p', quantity: 1, price: 10 }],
    total_amount: 10,
    currency: 'USD',
  }
}

interface Live {
  readonly at: string
  readonly today: { readonly orders: number; readonly sales: number }
  readonly latest_orders: readonly { readonly order_id: string }[]
}

/** One frame of a stream of server-sent events. */
interface Frame {
  readonly id?: string
  readonly event?: string
  readonly data?: string
}

/** Frames as they come. */
async function* framesOf(response: Response): AsyncGenerator<Frame> {
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      yield parseFrame(text.slice(0, end))
      text = text.slice(end + 2)
    }
  }
}

function parseFrame(text: string): Frame {
  return Object.fromEntries(
    text.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.replace(/^\w*: ?/, '')]),
  )
}

/** The next frame that tells live numbers. */
async function nextLive(frames: AsyncGenerator<Frame>): Promise<Frame & { live: Live }> {
  for (;;) {
    const { value, done } = await frames.next()
    if (done) throw new Error('the stream ended')
    if (value.event === 'live') return { ...value, live: JSON.parse(value.data ?? '') as Live }
  }
}

describe('right now', () => {
  let shop: Composed
  beforeEach(async () => {
    shop = await compose()
  })
  afterEach(() => shop.close())

  const stream = (headers: { [name: string]: string } = {}) =>
    shop.request('/v1/live/stream', { headers })

  it('GET /v1/live tells today and the latest orders', async () => {
    await shop.send([order('a'), order('b')])
    const live = (await (await shop.request('/v1/live')).json()) as Live
    expect(live.today).toMatchObject({ orders: 2, sales: 20 })
    expect(live.latest_orders.map((one) => one.order_id).sort()).toEqual(['a', 'b'])
    expect(live.latest_orders[0]).not.toHaveProperty('merge')
  })

  it('the stream tells what is and then what changes', async () => {
    const response = await stream()
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const frames = framesOf(response)
    const first = await nextLive(frames)
    expect(first.live.today.orders).toBe(0)
    await shop.send([order('a')])
    const second = await nextLive(frames)
    expect(second.live.today).toMatchObject({ orders: 1, sales: 10 })
    expect(second.id).not.toBe(first.id)
    await frames.return(undefined)
  })

  it('who comes back with the last id is not told the same again', async () => {
    const frames = framesOf(await stream())
    const { id } = await nextLive(frames)
    await frames.return(undefined)
    const again = framesOf(await stream({ 'last-event-id': id ?? '' }))
    await shop.send([order('new')])
    expect((await nextLive(again)).live.today.orders).toBe(1)
    await again.return(undefined)
  })

  it('bounds its listeners, and one that leaves makes room', async () => {
    const listeners = await Promise.all(Array.from({ length: 200 }, () => stream()))
    const refused = await stream()
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ code: 'overloaded' })
    await listeners[0]?.body?.cancel()
    const next = await stream()
    expect(next.status).toBe(200)
    await Promise.all([next, ...listeners.slice(1)].map((one) => one.body?.cancel()))
  })

  it('ends for a key that was revoked', async () => {
    const key = { name: 'screen', kind: 'server', scopes: ['read'], origins: [] } as const
    const { text } = await shop.deps.keys.create(key)
    const frames = framesOf(await stream({ 'x-api-key': text }))
    await nextLive(frames)
    await shop.deps.keys.revoke('screen')
    const rest: Frame[] = []
    for await (const frame of frames) rest.push(frame)
    expect(rest).toEqual([])
  })

  it('ends when the server stops', async () => {
    const frames = framesOf(await stream())
    await nextLive(frames)
    shop.stop()
    const rest: Frame[] = []
    for await (const frame of frames) rest.push(frame)
    expect(rest).toEqual([])
  })

  it('a reader that does not read costs nothing and gets the newest at last', async () => {
    const response = await stream()
    for (let round = 0; round < 4; round++) {
      await shop.send([order(`slow-${round}`)])
      await new Promise((resolve) => setTimeout(resolve, 550))
    }
    const frames = framesOf(response)
    const seen: number[] = []
    while (seen.at(-1) !== 4) seen.push((await nextLive(frames)).live.today.orders)
    expect(seen).toEqual([0, 4])
    await frames.return(undefined)
  })
})
