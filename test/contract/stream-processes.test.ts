import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openLmdbStream } from '../../src/local/lmdb-stream.ts'
import { NO_METRICS } from '../../src/metrics.ts'
import { texts } from './stream.ts'

const BUCKETS = 4
const KILLS = 4
const MEMORY_DISK = '/dev/shm'
const hasMemoryDisk = existsSync(MEMORY_DISK)
const hasPrlimit = readdirSync('/usr/bin').includes('prlimit')
const hasStrace = readdirSync('/usr/bin').includes('strace')

/** What a child said so far, line by line. */
interface Child {
  readonly process: ChildProcess
  readonly lines: string[]
  /** Resolves when a line from now on, or one before, satisfies the condition. */
  said(condition: (line: string) => boolean): Promise<string>
  kill(): Promise<void>
}

describe('the stream between processes', () => {
  let bundles: string
  let script: string
  let directory: string
  let children: Child[]
  let ahead: number

  beforeAll(async () => {
    bundles = await mkdtemp(path.join(os.tmpdir(), 'shoplake-bundle-'))
    script = path.join(bundles, 'stream-child.mjs')
    await bundle(script)
  })

  afterAll(async () => {
    await rm(bundles, { recursive: true })
  })

  beforeEach(async () => {
    directory = path.join(await mkdtemp(path.join(os.tmpdir(), 'shoplake-stream-')), 'stream')
    children = []
    ahead = 0
  })

  afterEach(async () => {
    await Promise.all(children.map((child) => child.kill()))
    await rm(path.dirname(directory), { recursive: true })
  })

  function start(command: string, ...args: string[]): Child {
    const child = childOf(spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] }))
    children.push(child)
    return child
  }

  const openHere = () =>
    openLmdbStream({
      directory,
      buckets: BUCKETS,
      config: { stream_max_bytes: 2_000_000_000, stream_hours: 1, disk_reserve_bytes: 0 },
      metrics: NO_METRICS,
      now: () => Date.now() + ahead,
    })

  test('kill -9 of the writer at any moment: what was acknowledged is there, whole requests only', async () => {
    const acknowledged: string[] = []
    for (let round = 0; round < KILLS; round++) {
      const writer = start(process.execPath, script, 'write', directory, `round${round}`)
      const enough = 100 + round * 150
      await writer.said(() => acksOf(writer).length > enough)
      await writer.kill()
      acknowledged.push(...acksOf(writer))
    }
    const stream = await openHere()
    const stored = await Promise.all(
      Array.from({ length: BUCKETS }, (_, bucket) => texts(stream, bucket)),
    )
    expect(stored.map((bucket) => bucket.length)).toEqual(stream.heads())
    for (const ack of acknowledged) {
      const [, name, sequences] = ack.split(' ') as [string, string, string]
      sequences.split(',').forEach((sequence, bucket) => {
        expect(stored[bucket]![Number(sequence) - 1]?.split(' ')[0]).toBe(name)
      })
    }
    expectWholeRequests(stored)
    expect(acknowledged.length).toBeGreaterThan(KILLS * 100)
    expect(stream.tails()).toEqual(new Array(BUCKETS).fill(1))
    await stream.close()
  })

  test('a reader in another process follows over new segments and deletions, and outlives a killed writer', async () => {
    const reader = start(process.execPath, script, 'read', directory, '')
    await reader.said((line) => line === 'ready')
    const writer = start(process.execPath, script, 'write', directory, 'a')
    await writer.said(() => acksOf(writer).length > 400)
    await writer.kill()

    const stream = await openHere()
    const head = () => stream.heads()[0]!
    await reader.said((line) => line === `seen ${head()}`)
    for (let pass = 0; pass < 2; pass++) {
      ahead += 2 * 3_600_000
      await stream.trim([stream.heads()])
    }
    expect(stream.tails()[0]).toBe(head() + 1)
    for (let index = 0; index < 20; index++) {
      await stream.append([{ bucket: 0, data: Buffer.from(`after ${index}`) }])
    }
    await reader.said((line) => line === `seen ${head()}`)
    expect(reader.lines.filter((line) => line.startsWith('gap'))).toEqual([])
    await stream.close()
  })

  // In memory a commit is so short that an opening lies over the whole of one again and again.
  test.runIf(hasMemoryDisk)(
    'a commit that another process opens the segment beside is not lost',
    async () => {
      await rm(path.dirname(directory), { recursive: true })
      directory = path.join(await mkdtemp(`${MEMORY_DISK}/shoplake-stream-`), 'stream')
      const stream = await openHere()
      const openers = [1, 2].map(() => start(process.execPath, script, 'open', directory))
      let appended = 0
      while (!openers.every((opener) => opener.lines.includes('opened 200'))) {
        await stream.append([{ bucket: 0, data: Buffer.from(`${appended++}`) }])
      }
      const stored = await texts(stream, 0)
      expect(stored).toEqual(Array.from({ length: appended }, (_, index) => `${index}`))
      await stream.close()
    },
  )

  // No kill shows it: what the system has not written yet outlives the process, and not the power.
  test.runIf(hasStrace)('nothing is acknowledged before its bytes were flushed to the disk', () => {
    const trace = path.join(path.dirname(directory), 'trace')
    const words = ['-f', '-qq', '-e', 'trace=fdatasync,fsync,msync,write', '-o', trace]
    execFileSync('strace', [...words, process.execPath, script, 'steps', directory, 's'], {
      stdio: 'ignore',
    })
    const calls = readFileSync(trace, 'utf8').split('\n')
    const flushes = calls.map((call) => /(fdatasync|fsync|msync).*= 0$/.test(call))
    const acks = calls.flatMap((call, index) => (/write\(1, "ack s-/.test(call) ? [index] : []))
    expect(acks).toHaveLength(20)
    for (const [index, at] of acks.entries()) {
      const since = index === 0 ? 0 : acks[index - 1]!
      expect(flushes.slice(since, at), `before acknowledgement ${index}`).toContain(true)
    }
  })

  test.runIf(hasPrlimit)(
    'a disk that takes no more: appends fail with a code, and go on by themselves when it does again',
    async () => {
      const limit = '--fsize=300000:unlimited'
      const child = [process.execPath, script, 'write', directory, 'f', '100000000']
      const writer = start('prlimit', limit, ...child)
      await writer.said((line) => line.startsWith('error'))
      const before = acksOf(writer).length
      expect(new Set(writer.lines.filter((line) => line.startsWith('error')))).toEqual(
        new Set(['error stream_unavailable true']),
      )
      execFileSync('prlimit', [`--pid=${writer.process.pid}`, '--fsize=unlimited:unlimited'])
      await writer.said(() => acksOf(writer).length > before + 100)
      await writer.kill()

      const stream = await openHere()
      const stored = await Promise.all(
        Array.from({ length: BUCKETS }, (_, bucket) => texts(stream, bucket)),
      )
      for (const ack of acksOf(writer)) {
        const [, name, sequences] = ack.split(' ') as [string, string, string]
        expect(stored[0]![Number(sequences.split(',')[0]) - 1]?.split(' ')[0]).toBe(name)
      }
      expectWholeRequests(stored)
      await stream.close()
    },
  )
})

/** Each record says how many of its request there are, in buckets 0, 1 …; all must be there, or none. */
function expectWholeRequests(stored: readonly (readonly string[])[]): void {
  const counts = new Map<string, number>()
  const wanted = new Map<string, number>()
  for (const value of stored.flat()) {
    const [name, count] = value.split(' ') as [string, string]
    counts.set(name, (counts.get(name) ?? 0) + 1)
    wanted.set(name, Number(count))
  }
  expect(counts).toEqual(wanted)
}

function acksOf(child: Child): string[] {
  return child.lines.filter((line) => line.startsWith('ack '))
}

function childOf(child: ChildProcess): Child {
  const lines: string[] = []
  const waiting = new Set<() => void>()
  let rest = ''
  child.stdout!.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString()).split('\n')
    rest = parts.pop()!
    lines.push(...parts)
    for (const look of waiting) look()
  })
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
  })
  return {
    process: child,
    lines,
    said: (condition) =>
      new Promise((resolve) => {
        const look = () => {
          const line = lines.findLast(condition)
          if (line === undefined) return
          waiting.delete(look)
          resolve(line)
        }
        waiting.add(look)
        look()
      }),
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function bundle(outfile: string): Promise<void> {
  await mkdir(path.dirname(outfile), { recursive: true })
  // The bundle lies outside the repository, where `lmdb` could not be found by its name.
  const lmdb = createRequire(import.meta.url).resolve('lmdb')
  await build({
    entryPoints: [path.join(import.meta.dirname, 'stream-child.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    plugins: [
      {
        name: 'lmdb',
        setup(plugin) {
          plugin.onResolve({ filter: /^lmdb$/ }, () => ({ path: lmdb, external: true }))
        },
      },
    ],
  })
}
