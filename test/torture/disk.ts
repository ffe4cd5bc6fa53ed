import { execFileSync } from 'node:child_process'
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom } from '../../src/simulator/random.ts'
import { startServer, type TestServer, temporaryDirectory } from '../e2e/server.ts'
import { checkRound, checkTidy, type Problems } from './checks.ts'
import { startLoad } from './load.ts'

const DISK_MB = 300
const RESERVE_BYTES = 60_000_000
const ROUND = 9001

/**
 * A small disk that fills: to the reserve first, then to its last byte. Acknowledged events stay, answers are 503 with
 * Retry-After, and when there is room again everything goes on without hands. Needs root, for a tmpfs; otherwise it is
 * left out, and says so.
 */
export async function fillDisk(seed: number, tell: (fields: object) => void): Promise<Problems> {
  const directory = temporaryDirectory()
  if (!mount(directory)) {
    tell({ disk: 'left out: a file system can only be mounted by root' })
    rmSync(directory, { recursive: true, force: true })
    return []
  }
  process.env.SHOPLAKE_DISK_RESERVE_BYTES = String(RESERVE_BYTES)
  const server = await startServer(directory)
  const problems: Problems = []
  const ballast = path.join(directory, 'ballast')
  try {
    const load = startLoad({
      server: () => server,
      round: ROUND,
      random: createRandom(seed, 2),
      noise: 400,
    })
    await waitFor(async () => load.acked() > 500)
    const filledTo = fill(ballast, freeBytes(directory) - RESERVE_BYTES - 2_000_000)
    const refusal = await untilRefused(server, problems)
    const atReserve = load.acked()
    fill(ballast, freeBytes(directory), filledTo)
    await sleep(6000)
    const whenFull = freeBytes(directory)
    if (server.child.exitCode !== null) problems.push('the server ended on a full disk')
    const alive = await server.call('/livez').catch(() => undefined)
    if (alive?.status !== 200) problems.push('a full disk: /livez does not answer')
    for (const name of ['store', 'collect', 'lake'] as const) {
      const pid = server.pidOf(name)
      if (pid !== undefined) process.kill(pid, 'SIGKILL')
    }
    await sleep(4000)
    rmSync(ballast)
    const freed = Date.now()
    await waitFor(async () => load.acked() > atReserve + 200)
    const recovered_s = (Date.now() - freed) / 1000
    await load.stop()
    problems.push(...(await checkRound(server, ROUND, load.requests)))
    await server.stop()
    problems.push(...(await checkTidy(directory)))
    tell({
      disk: `tmpfs of ${DISK_MB} MB`,
      refusal,
      free_when_full: whenFull,
      acked_before: atReserve,
      acked: load.acked(),
      statuses: [...load.statuses],
      recovered_s,
      problems,
    })
  } finally {
    await server.stop('SIGKILL')
    delete process.env.SHOPLAKE_DISK_RESERVE_BYTES
    await sleep(500)
    execFileSync('umount', ['-l', directory])
    rmSync(directory, { recursive: true, force: true })
  }
  return problems
}

function mount(directory: string): boolean {
  if (process.getuid?.() !== 0) return false
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'tmpfs', directory], {
      stdio: 'ignore',
    })
    return true
  } catch (error) {
    // A container without the right to mount: mount(8) ends with a status of its own.
    if (typeof (error as { status?: unknown }).status === 'number') return false
    throw error
  }
}

function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}

/** Grows the file by so many bytes, or as far as the disk goes. */
function fill(file: string, bytes: number, before = 0): number {
  const block = Buffer.alloc(1_000_000, 1)
  let written = 0
  try {
    for (; written < bytes; written += block.length)
      writeFileSync(file, block.subarray(0, Math.min(block.length, bytes - written)), { flag: 'a' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
  return before + written
}

async function untilRefused(server: TestServer, problems: Problems): Promise<object> {
  let answer = { status: 0, body: undefined as unknown, headers: new Headers() }
  await waitFor(async () => {
    const event = {
      event_type: 'page_view',
      timestamp: '2025-01-15T10:25:00Z',
      event_id: `f.${Date.now()}`,
    }
    answer = await server.post(JSON.stringify({ ...event, session_id: 'f', page_url: '/' }))
    return answer.status === 503
  })
  const { code } = answer.body as { code?: string }
  const retryAfter = Number(answer.headers.get('retry-after'))
  if (code !== 'disk_full') problems.push(`a full disk is answered with ${code}`)
  if (!(retryAfter > 0)) problems.push('503 without Retry-After')
  return { status: answer.status, code, retry_after: retryAfter }
}

async function waitFor(check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 90_000
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`waited in vain for ${check}`)
    await sleep(50)
  }
}
