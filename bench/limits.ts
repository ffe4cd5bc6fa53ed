import { spawn } from 'node:child_process'
import { fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { createCounter, freshen, makeBodies, post } from './load.ts'

/** A server that only parses: what node:http and JSON.parse cost, nothing checked, nothing kept. */
const RAW_SERVER = `
require('node:http').createServer((incoming, outgoing) => {
  const chunks = []
  incoming.on('data', (chunk) => chunks.push(chunk))
  incoming.on('end', () => {
    let events = 0
    for (const line of Buffer.concat(chunks).toString('utf8').split('\\n')) if (line) events += JSON.parse(line).event_id ? 1 : 0
    outgoing.writeHead(202, { 'content-type': 'application/json' })
    outgoing.end(JSON.stringify({ received: events }))
  })
}).listen(0, '127.0.0.1', function () { process.send(this.address().port) })
`

/** Events/s that two plain things reach on this machine now: appending a request's bytes with fdatasync, and parsing them behind node:http. */
export async function physicalLimits(seconds: number, connections: number, events: number) {
  return {
    append_fdatasync_per_s: appendLimit(seconds, events),
    http_parse_per_s: await httpLimit(seconds, connections, events),
  }
}

function appendLimit(seconds: number, events: number): number {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'shoplake-bench-raw-'))
  try {
    const [body] = makeBodies(1, events)
    const file = openSync(path.join(directory, 'raw'), 'a')
    const end = performance.now() + seconds * 1000
    let count = 0
    while (performance.now() < end) {
      writeSync(file, body!.bytes)
      fdatasyncSync(file)
      count += events
    }
    return Math.round(count / seconds)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function httpLimit(seconds: number, connections: number, events: number): Promise<number> {
  const child = spawn(process.execPath, ['-e', RAW_SERVER], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const port = await new Promise((resolve) => child.once('message', resolve))
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections })
  try {
    const target = { url: new URL(`http://127.0.0.1:${port}`), key: 'none', agent }
    const bodies = makeBodies(connections, events)
    const counter = createCounter()
    const end = performance.now() + seconds * 1000
    let count = 0
    const connection = async (index: number) => {
      while (performance.now() < end) {
        await post(target, freshen(bodies[index]!, counter), 'application/x-ndjson')
        count += events
      }
    }
    await Promise.all(bodies.map((_, index) => connection(index)))
    return Math.round(count / seconds)
  } finally {
    agent.destroy()
    child.kill('SIGTERM')
  }
}
