import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { removeServer, startServer, type TestServer } from './server.ts'

const CLI = path.resolve('dist/cli.js')
/** A stop writes what is hot to Parquet first, beside whatever else the machine does. */
const HOOK_MS = 180_000
const FAULTS = 'dup=1%,late=2%,out_of_order=2%,invalid=0.5%,unknown=0.2%,skew=2%'
const PLAY = ['--seed', '7', '--from', '2025-03-01', '--days', '28', '--sessions-per-day', '200']

let server: TestServer

beforeAll(async () => {
  server = await startServer()
}, HOOK_MS)

afterAll(() => removeServer(server), HOOK_MS)

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A command as a user types it, beside the running server. */
function shoplake(...words: string[]): Promise<Ended> {
  const all = [CLI, ...words, '--data-dir', server.directory]
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'] })
  const out: Buffer[] = []
  const talk: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => talk.push(chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      const [stdout, stderr] = [out, talk].map((chunks) => Buffer.concat(chunks).toString('utf8'))
      resolve({ code, stdout: stdout!, stderr: stderr! })
    })
  })
}

test('a simulated shop with faults of every kind: every figure equals its truth, and a wrong one is found', async () => {
  const file = path.join(server.directory, 'truth.json')
  const played = await shoplake('simulate', ...PLAY, '--faults', FAULTS, '--truth', file, '--json')
  expect(played.code, played.stderr).toBe(0)
  const { truth } = JSON.parse(readFileSync(file, 'utf8'))
  const counts = JSON.parse(played.stdout)
  expect(counts.events).toBeGreaterThan(15_000)
  expect(counts.duplicates).toBe(truth.faults.duplicate)
  for (const fault of ['duplicate', 'late', 'out_of_order', 'unknown_field', 'clock_skew'])
    expect(truth.faults[fault], fault).toBeGreaterThan(20)

  const verified = await shoplake('verify', '--truth', file, '--json')
  const answer = JSON.parse(verified.stdout) as {
    equal: boolean
    recount: { equal: boolean }[]
    figures: { group: string; equal: boolean }[]
  }
  expect([...answer.recount, ...answer.figures].filter((one) => !one.equal)).toEqual([])
  expect(answer.equal).toBe(true)
  expect(verified.code).toBe(0)
  expect(new Set(answer.figures.map((figure) => figure.group)).size).toBeGreaterThan(20)
  expect(answer.figures.length).toBeGreaterThan(2500)

  const wrong = { ...JSON.parse(readFileSync(file, 'utf8')) }
  wrong.truth.totals.units += 1
  writeFileSync(file, JSON.stringify(wrong))
  const found = await shoplake('verify', '--truth', file)
  expect(found.code).toBe(3)
  expect(found.stdout).toMatch(/sales_overview +units +\d+ +\d+ +NO/)
}, 180_000)

test('the same seed gives the same bytes, and sent again they are known already', async () => {
  const short = ['--seed', '8', '--from', '2025-05-01', '--days', '3', '--sessions-per-day', '60']
  const [first, second, other] = await Promise.all([
    shoplake('simulate', ...short, '--faults', FAULTS, '--out', '-'),
    shoplake('simulate', ...short, '--faults', FAULTS, '--out', '-'),
    shoplake('simulate', ...short, '--seed', '9', '--out', '-'),
  ])
  expect(first.stdout.length).toBeGreaterThan(100_000)
  expect(first.stdout === second.stdout).toBe(true)
  expect(first.stdout === other.stdout).toBe(false)

  const once = JSON.parse((await shoplake('simulate', ...short, '--json')).stdout)
  const again = JSON.parse((await shoplake('simulate', ...short, '--json')).stdout)
  // Two shops sell products of the same numbers: those are known from the test before.
  expect(once.accepted).toBeGreaterThan(500)
  expect(again).toMatchObject({ accepted: 0, duplicates: once.events, rejected: 0 })
}, 180_000)

test('what cannot be meant is refused as usage, and nothing is sent', async () => {
  const before = (await server.call('/v1/ledger')).body.totals.received
  const wrong = [
    ['--faults', 'dupes=1%'],
    ['--days', '0'],
    ['--from', 'yesterday'],
    ['--seed', 'x'],
  ]
  const ended = await Promise.all(wrong.map((words) => shoplake('simulate', ...words)))
  expect(ended.map(({ code }) => code)).toEqual([2, 2, 2, 2])
  const future = await shoplake('simulate', '--from', '2990-01-01')
  expect(future.code).toBe(2)
  expect(future.stderr).toMatch(/future/)
  const absent = await shoplake('verify', '--truth', path.join(server.directory, 'none.json'))
  expect(absent.code).toBe(1)
  expect((await server.call('/v1/ledger')).body.totals.received).toBe(before)
}, 180_000)
