import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startServer, type TestServer, temporaryDirectory, until } from './server.ts'

const directory = temporaryDirectory()
const started: ChildProcess[] = []

afterAll(() => {
  for (const child of started) if (child.exitCode === null) child.kill('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)))
}

/** Those processes of a server that hold a lock; from the lock files, whose first word is the process number. */
function lockHolders(data: string): number[] {
  return ['collect', 'lake', 'store']
    .map((name) => path.join(data, 'run', `${name}.lock`))
    .filter((file) => existsSync(file))
    .map((file) => Number(readFileSync(file, 'utf8').split(' ')[0]))
}

function isAlive(pid: number): boolean {
  try {
    // A process that nobody has waited for is gone all the same; its state is Z in /proc (proc(5)).
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

function pidsOf(server: TestServer): number[] {
  return (['collect', 'lake', 'store'] as const).map((name) => server.pidOf(name)!)
}

test('told to stop while it starts, it stops, and leaves no process behind', async () => {
  const data = path.join(directory, 'early')
  const words = ['dev', '--no-demo', '--port', '0', '--data-dir', data, '--log-level', 'silent']
  const child = spawn(process.execPath, [path.resolve('dist/cli.js'), ...words], {
    stdio: 'ignore',
  })
  started.push(child)
  await until(async () => lockHolders(data).length > 0)
  const holders = lockHolders(data)
  const ended = endOf(child)
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  await until(async () => !holders.some(isAlive))
  expect(existsSync(path.join(data, 'run', 'supervisor.lock'))).toBe(false)
})

test('a second Ctrl-C ends everything at once, and what was acknowledged is there after the next start', async () => {
  const data = path.join(directory, 'twice')
  const server = await startServer(data)
  started.push(server.child)
  const pids = pidsOf(server)
  const event = { event_type: 'custom_event', timestamp: '2025-01-15T10:30:00Z', name: 'last' }
  expect((await server.post(JSON.stringify(event))).status).toBe(202)
  const ended = endOf(server.child)
  server.child.kill('SIGINT')
  server.child.kill('SIGHUP')
  expect([0, 129, 130]).toContain(await ended)
  await until(async () => !pids.some(isAlive))

  const next = await startServer(data)
  started.push(next.child)
  await until(async () => {
    const rows = await next.sql("select count(*) from custom_event where name = 'last'")
    return Number(rows[0]![0]) === 1
  })
  await next.stop()
}, 120_000)

test('what answers goes before what follows; processes of a killed supervisor stop by themselves', async () => {
  const server = await startServer(path.join(directory, 'killed'))
  started.push(server.child)
  const pids = pidsOf(server)
  const [collect, lake, store] = pids.map((pid) => os.getPriority(pid))
  expect(collect).toBe(os.getPriority(server.child.pid!))
  for (const follower of [lake!, store!]) expect(follower > collect! || follower === 19).toBe(true)
  await server.stop('SIGKILL')
  await until(async () => !pids.some(isAlive))
}, 120_000)
