import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { temporaryDirectory, until } from './server.ts'

const CLI = path.resolve('dist/cli.js')
/** A stop writes what is hot to Parquet first, beside whatever else the machine does. */
const HOOK_MS = 180_000
const directory = temporaryDirectory()
const started: ChildProcess[] = []

afterAll(async () => {
  for (const child of started) await end(child, 'SIGTERM')
  rmSync(directory, { recursive: true, force: true })
}, HOOK_MS)

/** `shoplake dev` as a newcomer types it, with a shorter history. */
function startDemo(): { child: ChildProcess; told(): string } {
  const words = ['dev', '--port', '0', '--demo-days', '6', '--data-dir', directory]
  const child = spawn(process.execPath, [CLI, ...words, '--log-level', 'error'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  started.push(child)
  let told = ''
  child.stderr.on('data', (chunk: Buffer) => {
    told += chunk.toString('utf8')
  })
  return { child, told: () => told }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill(signal)
  await ended
}

function stateOf(): { sent_events: number; verified: boolean } {
  const file = path.join(directory, 'demo.json')
  if (!existsSync(file)) return { sent_events: 0, verified: false }
  return JSON.parse(readFileSync(file, 'utf8'))
}

test('the demo shop, killed in its history and started again, ends it and verifies it', async () => {
  const first = startDemo()
  await until(async () => stateOf().sent_events > 0)
  await end(first.child, 'SIGKILL')

  const second = startDemo()
  await until(async () => /demo verified|differ|not verified/.test(second.told()))
  expect(second.told()).toMatch(/✓ demo verified: [\d,]+ figures equal the simulator's truth/)
  await until(async () => stateOf().verified)
  expect(stateOf().sent_events).toBeGreaterThan(15_000)
  await end(second.child, 'SIGTERM')
}, 120_000)
