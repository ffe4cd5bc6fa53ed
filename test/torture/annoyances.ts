import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { TestServer } from '../e2e/server.ts'

/** Something that goes on beside the load until it is ended. */
export interface Annoyance {
  end(): Promise<void>
}

/** What nobody should send; none of it may be accepted, all of it must be answered or cut off. */
const HOSTILE: readonly [body: string | Uint8Array, headers?: { [name: string]: string }][] = [
  ['hello'],
  [new Uint8Array(64).fill(255)],
  ['['.repeat(10_000) + ']'.repeat(10_000)],
  ['{"event_type":"page_view","__proto__":{"admin":true}}'],
  ['[7,null,[],{}]'],
  [`{"event_type":"page_view","timestamp":"2025-01-15T10:25:00Z","page_url":"${'x'.repeat(1e6)}"}`],
  ['{"event_type":"page_view","timestamp":"2025-01-15T10:25:00Z","page_url":"\\ud800"}'],
  [gzipSync(new Uint8Array(60_000_000)), { 'content-encoding': 'gzip' }],
  [new Uint8Array(11_000_000).fill(32)],
  ['{}', { 'content-type': 'text/html' }],
  ['{}', { 'x-api-key': 'pk_guess' }],
]

/** Hostile bodies one after the other, over and over. */
export function sendHostile(server: () => TestServer): Annoyance & { readonly answers: number[] } {
  const answers: number[] = []
  let running = true
  const done = (async () => {
    for (let turn = 0; running; turn++) {
      const [body, headers = {}] = HOSTILE[turn % HOSTILE.length]!
      const answer = await server()
        .post(body, headers)
        .catch(() => undefined)
      if (answer) answers.push(answer.status)
      await sleep(20)
    }
  })()
  return {
    answers,
    async end() {
      running = false
      await done
    },
  }
}

/** Connections that send their request a byte at a time. */
export function openSlow(server: () => TestServer, count: number): Annoyance {
  const { port } = new URL(server().url)
  const sockets: Socket[] = []
  const head =
    'POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nx-api-key: pk_dev\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n'
  for (let index = 0; index < count; index++) {
    const socket = connect(Number(port), '127.0.0.1')
    // A server that is killed cuts them off: that is what they are for.
    socket.on('error', () => socket.destroy())
    socket.write(index % 2 === 0 ? head : `${head}\r\n[`)
    sockets.push(socket)
  }
  const timer = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write(' ')
  }, 500)
  return {
    async end() {
      clearInterval(timer)
      for (const socket of sockets) socket.destroy()
    },
  }
}

const ENDLESS =
  'select count(*) from events a, events b, events c, events d where a.event_id < b.event_id'

/** Queries that never end, in all slots and the whole queue. */
export function askForever(server: () => TestServer, count: number): Annoyance {
  const headers = { 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify({ sql: ENDLESS }) }
  const ids: string[] = []
  const asked = Array.from({ length: count }, async () => {
    const answer = await server()
      .call('/v1/sql', init)
      .catch(() => undefined)
    if (answer?.status === 202) ids.push(answer.body.query_id)
  })
  return {
    async end() {
      await Promise.all(asked)
      for (const id of ids) {
        // Those of a killed process ended with it.
        await server()
          .call(`/v1/sql/${id}`, { method: 'DELETE' })
          .catch(() => undefined)
      }
    },
  }
}
