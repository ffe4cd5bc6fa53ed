import { setTimeout as sleep } from 'node:timers/promises'
import { connectSql, socketPathOf } from '../../src/local/sql-socket.ts'
import type { Random } from '../../src/simulator/random.ts'
import { startServer, type TestServer } from '../e2e/server.ts'
import { shoplake } from '../e2e/shoplake.ts'
import type { MovedClock } from './clock.ts'

/** The server under torture, which may be another one after each blow. */
export interface Stage {
  server: TestServer
  /** Processes killed so far. */
  kills: number
  readonly directory: string
  readonly random: Random
  readonly clock: MovedClock
}

export interface Blow {
  readonly name: string
  readonly weight: number
  strike(stage: Stage): Promise<void>
}

export const BLOWS: readonly Blow[] = [
  { name: 'kill collect', weight: 4, strike: async (stage) => killChild(stage, 'collect') },
  { name: 'kill lake', weight: 3, strike: async (stage) => killChild(stage, 'lake') },
  {
    name: 'kill lake in flush and compaction',
    weight: 3,
    async strike(stage) {
      const lake = connectSql(socketPathOf(stage.directory))
      // It ends with the process that answers it.
      const busy = lake.call('compact').catch(() => undefined)
      await sleep(stage.random.between(0, 1200))
      killChild(stage, 'lake')
      await busy
      lake.close()
    },
  },
  { name: 'kill store', weight: 3, strike: async (stage) => killChild(stage, 'store') },
  {
    name: 'kill collect, store and lake',
    weight: 2,
    async strike(stage) {
      for (const name of ['store', 'collect', 'lake'] as const) killChild(stage, name)
    },
  },
  {
    name: 'kill collect, and again while it starts',
    weight: 2,
    async strike(stage) {
      killChild(stage, 'collect')
      for (let again = 0; again < 2; again++) {
        await sleep(stage.random.between(200, 1500))
        killChild(stage, 'collect')
      }
    },
  },
  {
    name: 'kill lake, and again while it starts',
    weight: 2,
    async strike(stage) {
      killChild(stage, 'lake')
      await sleep(stage.random.between(200, 1500))
      killChild(stage, 'lake')
    },
  },
  { name: 'kill the supervisor', weight: 3, strike: killSupervisor },
  {
    name: 'kill all four',
    weight: 3,
    async strike(stage) {
      for (const name of ['store', 'collect', 'lake'] as const) killChild(stage, name)
      await killSupervisor(stage)
    },
  },
  {
    name: 'stop in order',
    weight: 2,
    async strike(stage) {
      await stage.server.stop()
      stage.server = await startServer(stage.directory)
    },
  },
  { name: 'freeze lake for 3 s', weight: 1, strike: (stage) => freeze(stage, 'lake') },
  { name: 'freeze store for 3 s', weight: 1, strike: (stage) => freeze(stage, 'store') },
  {
    name: 'the clock leaps, and leaps again',
    weight: 2,
    async strike({ clock, random }) {
      clock.leap(random)
      await sleep(random.between(200, 1500))
      clock.leap(random)
    },
  },
  {
    name: 'the clock leaps, and all are killed',
    weight: 2,
    async strike(stage) {
      stage.clock.leap(stage.random)
      for (const name of ['store', 'collect', 'lake'] as const) killChild(stage, name)
      await sleep(stage.random.between(200, 1500))
      stage.clock.leap(stage.random)
    },
  },
  { name: 'a second server', weight: 2, strike: startSecond },
]

export function pickBlow(random: Random): Blow {
  let draw = random.between(
    0,
    BLOWS.reduce((sum, blow) => sum + blow.weight, 0),
  )
  for (const blow of BLOWS) {
    draw -= blow.weight
    if (draw < 0) return blow
  }
  return BLOWS[0]!
}

/** It must say which process has the data directory, and leave the first one alone. */
async function startSecond({ server, directory }: Stage): Promise<void> {
  const before = (['collect', 'lake', 'store'] as const).map((name) => server.pidOf(name))
  const words = ['start', '--port', '0', '--data-dir', directory]
  const second = await shoplake(words, { untilTold: /shoplake is up/ })
  const isClear = new RegExp(`process ${server.child.pid} already serves`).test(second.stderr)
  if (second.code !== 1 || !isClear) {
    throw new Error(`a second server ended with ${second.code}: ${second.stderr}`)
  }
  const after = (['collect', 'lake', 'store'] as const).map((name) => server.pidOf(name))
  if (before.join() !== after.join()) throw new Error('a second server moved the first one')
}

async function freeze({ server }: Stage, name: 'lake' | 'store'): Promise<void> {
  const pid = server.pidOf(name)
  if (pid === undefined) return
  process.kill(pid, 'SIGSTOP')
  await sleep(3000)
  process.kill(pid, 'SIGCONT')
}

/** While it is down between two starts there is nothing to kill. */
export function killChild(stage: Stage, name: 'collect' | 'lake' | 'store'): void {
  const pid = stage.server.pidOf(name)
  if (pid === undefined) return
  process.kill(pid, 'SIGKILL')
  stage.kills++
}

/** Its processes stop by themselves, and the next start waits for them. */
async function killSupervisor(stage: Stage): Promise<void> {
  const orphans = (['collect', 'lake', 'store'] as const).map((name) => stage.server.pidOf(name))
  await stage.server.stop('SIGKILL')
  stage.kills++
  stage.server = await startServer(stage.directory)
  for (const pid of orphans) if (pid !== undefined) await gone(pid)
}

async function gone(pid: number): Promise<void> {
  const end = Date.now() + 40_000
  while (isAlive(pid)) {
    if (Date.now() > end) throw new Error(`process ${pid} outlived its supervisor`)
    await sleep(50)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}
