import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const CLI = path.resolve('dist/cli.js')
/** A request that a killed process has taken along may never end by itself. */
const CALL_MS = 60_000

/** An answer as tests look into it: what is not there fails the test that expects it. */
// biome-ignore lint/suspicious/noExplicitAny: a test's view of any answer
export type Json = any

/** The product as a user runs it: both processes under the supervisor, over a data directory of its own. */
export interface TestServer {
  readonly directory: string
  readonly child: ChildProcess
  url: string
  /** Reads JSON with the development admin key; the status beside it. */
  call(route: string, init?: RequestInit): Promise<{ status: number; body: Json; headers: Headers }>
  sql(query: string): Promise<unknown[][]>
  post(
    body: string | Uint8Array,
    headers?: { [name: string]: string },
  ): Promise<{ status: number; body: Json; headers: Headers }>
  /** Pid of the collect, lake or store process. */
  pidOf(name: 'collect' | 'lake' | 'store'): number | undefined
  stop(signal?: NodeJS.Signals): Promise<void>
}

export function temporaryDirectory(): string {
  return mkdtempSync(path.join(os.tmpdir(), 'shoplake-test-'))
}

export async function startServer(
  directory = temporaryDirectory(),
  flags: string[] = [],
  command: readonly string[] = ['dev', '--no-demo'],
): Promise<TestServer> {
  const child = spawn(
    process.execPath,
    [CLI, ...command, '--port', '0', '--data-dir', directory, '--log-level', 'error', ...flags],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  const url = await whenUp(directory, child)
  const call: TestServer['call'] = async (route, init = {}) => {
    const headers = new Headers(init.headers)
    if (!headers.has('x-api-key')) headers.set('x-api-key', 'sk_dev')
    const signal = AbortSignal.timeout(CALL_MS)
    const response = await fetch(new URL(route, server.url), { signal, ...init, headers })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: parse(text) }
  }
  const server: TestServer = {
    directory,
    child,
    url,
    call,
    async sql(query) {
      let answer = await call('/v1/sql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ sql: query }),
      })
      const route = `/v1/sql/${answer.body.query_id}`
      // On a busy machine any query may take longer than an answer waits for.
      while (answer.body.status === 'running') {
        await sleep(100)
        answer = await call(route)
      }
      if (answer.status !== 200) throw new Error(`${answer.status}: ${JSON.stringify(answer.body)}`)
      const { rows } = answer.body
      let cursor = answer.body.next_cursor
      while (cursor) {
        const page = (await call(`${route}?cursor=${cursor}`)).body
        rows.push(...page.rows)
        cursor = page.next_cursor
      }
      return rows
    },
    post: (body, headers = {}) =>
      call('/v1/events', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': 'pk_dev', ...headers },
        body: body as Uint8Array<ArrayBuffer>,
      }),
    pidOf(name) {
      // The collect process starts the store process itself.
      const parent = name === 'store' ? server.pidOf('collect') : child.pid
      return parent === undefined ? undefined : childPid(parent, `${name}-process.js`)
    },
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill(signal)
      await ended
    },
  }
  return server
}

async function whenUp(directory: string, child: ChildProcess): Promise<string> {
  const file = path.join(directory, 'run', 'server.json')
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    if (existsSync(file)) {
      const info = parse(readFileSync(file, 'utf8')) as { pid?: number; url?: string }
      if (info.pid === child.pid && info.url) return info.url
    }
    await sleep(25)
  }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return text
    throw error
  }
}

/** The supervisor's child whose command line names a bundle; from /proc (proc(5)). */
function childPid(parent: number, bundle: string): number | undefined {
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
      const parentOf = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
      if (parentOf !== parent) continue
      if (readFileSync(`/proc/${entry}/cmdline`, 'utf8').includes(bundle)) return Number(entry)
    } catch (error) {
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
  return undefined
}

export async function removeServer(server: TestServer): Promise<void> {
  await server.stop()
  rmSync(server.directory, { recursive: true, force: true })
}

/** Asks until the answer is true; the test's own time limit is the bound. */
export async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await sleep(50)
}
