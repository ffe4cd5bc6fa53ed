import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Target } from './load.ts'

/** A server of the built bundles over a data directory of its own. */
export interface Server {
  readonly target: Target
  readonly child: ChildProcess
  readonly directory: string
  /** Stops it in order and removes its data. */
  stop(): Promise<void>
  /** Stops it and answers the directory, with its data. */
  leave(): Promise<string>
}

/** Starts `cli` (a built cli.js) and waits until it answers. Rejects when it ends before. */
export async function startServer(cli: string): Promise<Server> {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'shoplake-bench-'))
  const args = [cli, 'start', '--port', '0', '--data-dir', directory, '--log-level', 'error']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const info = path.join(directory, 'run', 'server.json')
  while (!existsSync(info)) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    await sleep(50)
  }
  await sleep(200)
  const { url, operator_key } = JSON.parse(readFileSync(info, 'utf8'))
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 })
  const leave = async () => {
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('exit', resolve))
    agent.destroy()
    return directory
  }
  return {
    target: { url: new URL(url), key: operator_key, agent },
    child,
    directory,
    leave,
    stop: async () => rmSync(await leave(), { recursive: true, force: true }),
  }
}

/** A JSON question to the server; `undefined` where it answers other than 2xx. */
export async function ask<T>(
  target: Target,
  route: string,
  body?: unknown,
): Promise<T | undefined> {
  const response = await fetch(new URL(route, target.url), {
    headers: { 'x-api-key': target.key, 'content-type': 'application/json' },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return response.ok ? (JSON.parse(text) as T) : undefined
}

export interface Usage {
  readonly cpu_s: number
  readonly rss_anon_mb: number
}

/** `root` and all processes below it: CPU seconds used and anonymous memory in MB, from /proc (proc(5)). */
export function usageOf(root: number): { [name: string]: Usage } {
  const seen = new Map<number, { parent: number; name: string; usage: Usage }>()
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8')
      const status = readFileSync(`/proc/${entry}/status`, 'utf8')
      seen.set(Number(entry), {
        parent: Number(fields[1]),
        name: /([a-z-]+)\.js/.exec(command)?.[1] ?? entry,
        usage: {
          cpu_s: (Number(fields[11]) + Number(fields[12])) / 100,
          rss_anon_mb: Math.round(Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024),
        },
      })
    } catch (error) {
      // A process may end between the listing and the reading.
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
  const isBelow = (pid: number): boolean =>
    pid === root || (seen.has(pid) && isBelow(seen.get(pid)!.parent))
  const below = [...seen].filter(([pid]) => isBelow(pid))
  return Object.fromEntries(below.map(([, { name, usage }]) => [name, usage]))
}

/** Seconds of CPU time between two looks, by process. */
export function spent(
  before: { [name: string]: Usage },
  after: { [name: string]: Usage },
): { [name: string]: number } {
  const entries = Object.entries(after).map(([name, { cpu_s }]) => [
    name,
    Math.round((cpu_s - (before[name]?.cpu_s ?? 0)) * 100) / 100,
  ])
  return Object.fromEntries(entries)
}

/** Follows the sum of anonymous memory; the highest of each process and of all together when stopped. */
export function followMemory(parent: number): { stop(): { [name: string]: number } } {
  const most: { [name: string]: number } = { all: 0 }
  const look = () => {
    let all = 0
    for (const [name, { rss_anon_mb }] of Object.entries(usageOf(parent))) {
      most[name] = Math.max(most[name] ?? 0, rss_anon_mb)
      all += rss_anon_mb
    }
    most.all = Math.max(most.all!, all)
  }
  const timer = setInterval(look, 500)
  return {
    stop() {
      clearInterval(timer)
      look()
      return most
    },
  }
}

/** Milliseconds that others' flushes of a few KB took meanwhile, on the same disk: no commit can be faster. */
export function followFlushes(directory: string): { stop(): Promise<number[]> } {
  const child = spawn(process.execPath, ['-e', FLUSHES, path.join(directory, 'flushes')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  return {
    async stop() {
      child.kill('SIGTERM')
      await new Promise((resolve) => child.once('close', resolve))
      return text.trim().split('\n').map(Number)
    },
  }
}

/** Appends 16 KB and flushes them, twenty times a second, as the stream's commits do. */
const FLUSHES = `
const fs = require('node:fs')
const file = fs.openSync(process.argv[1], 'w')
const bytes = Buffer.alloc(16384, 1)
setInterval(() => {
  const began = performance.now()
  fs.writeSync(file, bytes)
  fs.fdatasyncSync(file)
  process.stdout.write((performance.now() - began).toFixed(1) + '\\n')
}, 50)
`
