import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createRandom, type Random } from '../../src/simulator/random.ts'
import { startServer, temporaryDirectory } from '../e2e/server.ts'
import { type Annoyance, askForever, openSlow, sendHostile } from './annoyances.ts'
import { pickBlow, type Stage } from './blows.ts'
import { anonymousMb, checkRound, checkTidy, type Problems } from './checks.ts'
import { moveClocks } from './clock.ts'
import { fillDisk } from './disk.ts'
import { startLoad } from './load.ts'
import { tearWrites } from './torn.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string', default: '0' },
    only: { type: 'string', default: 'kills,disk,torn' },
  },
})
const [minutes, seed, leastKills] = [values.minutes, values.seed, values.kills].map(Number) as [
  number,
  number,
  number,
]

/** Small bounds, so that a minute holds many flushes, merges and segments. */
Object.assign(process.env, {
  SHOPLAKE_LAKE_FLUSH_ROWS: '1500',
  SHOPLAKE_LAKE_FLUSH_S: '2',
  SHOPLAKE_LAKE_DIRECT_ROWS: '600',
  SHOPLAKE_LAKE_COMPACT_FILES: '3',
  SHOPLAKE_LAKE_TICK_MS: '100',
})

function tell(fields: object): void {
  process.stdout.write(`${JSON.stringify(fields)}\n`)
}

/** One round: load and annoyances, a blow at a random moment, then everything is counted. */
async function playRound(stage: Stage, round: number, random: Random): Promise<Problems> {
  const began = Date.now()
  const killsBefore = stage.kills
  const server = () => stage.server
  const load = startLoad({ server, round, random: createRandom(seed, 1000 + round) })
  const annoyances: { [name: string]: Annoyance } = {}
  // All at once to begin with, so that a short run has them too.
  const isFirst = round === 0
  if (random.chance(0.5) || isFirst) annoyances.hostile = sendHostile(server)
  if (random.chance(0.25) || isFirst) annoyances.slow = openSlow(server, 1000)
  if (random.chance(0.25) || isFirst) annoyances.endless = askForever(server, 8)
  const blow = pickBlow(random)
  await sleep(random.between(300, 3500))
  const ackedBefore = load.acked()
  await blow.strike(stage)
  await sleep(random.between(500, 1500))
  await Promise.all([load.stop(), ...Object.values(annoyances).map((one) => one.end())])
  const problems = await checkRound(stage.server, round, load.requests)
  if (load.acked() === 0) problems.push('nothing was acknowledged')
  tell({
    seed,
    round,
    blow: blow.name,
    beside: Object.keys(annoyances).join(' '),
    kills: stage.kills - killsBefore,
    acked_before: ackedBefore,
    acked: load.acked(),
    broken: load.statuses.get(0) ?? 0,
    refused: [...load.statuses].filter(([status]) => status >= 400),
    seconds: Math.round((Date.now() - began) / 100) / 10,
    anonymous_mb: (['collect', 'store', 'lake'] as const).map((name) =>
      anonymousMb(stage.server.pidOf(name)),
    ),
    problems,
  })
  return problems
}

/** Rounds until the time is over and enough was killed, or something is wrong. */
async function playRounds(): Promise<{ rounds: number; kills: number; problems: Problems }> {
  const random = createRandom(seed, 1)
  const directory = temporaryDirectory()
  tell({ seed, minutes, directory })
  const end = Date.now() + minutes * 60_000
  const clock = moveClocks()
  const server = await startServer(directory)
  const stage: Stage = { server, kills: 0, directory, random, clock }
  const problems: Problems = []
  let rounds = 0
  try {
    while (problems.length === 0 && (Date.now() < end || stage.kills < leastKills)) {
      problems.push(...(await playRound(stage, rounds++, random)))
    }
  } finally {
    await stage.server.stop()
    clock.remove()
  }
  problems.push(...(await checkTidy(directory)))
  // Kept to be looked at where something is wrong.
  if (problems.length === 0) rmSync(directory, { recursive: true, force: true })
  return { rounds, kills: stage.kills, problems }
}

async function main(): Promise<void> {
  const parts = values.only.split(',')
  const played = parts.includes('kills')
    ? await playRounds()
    : { rounds: 0, kills: 0, problems: [] }
  tell(played)
  const problems = [...played.problems]
  if (parts.includes('disk')) problems.push(...(await fillDisk(seed, tell)))
  if (parts.includes('torn')) problems.push(...(await tearWrites(seed, tell)))
  tell({ ...played, seed, problems, ok: problems.length === 0 })
  process.exitCode = problems.length === 0 ? 0 : 3
}

await main()
