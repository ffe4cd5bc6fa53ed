import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom } from '../../src/simulator/random.ts'
import { startServer, temporaryDirectory } from '../e2e/server.ts'
import { shoplake } from '../e2e/shoplake.ts'
import { checkRound, checkTidy, type Problems } from './checks.ts'
import { type Requests, startLoad } from './load.ts'

const ROUND = 9002
const PAGE = 4096

/** What a disk may do to the newest file of the stream at a power cut, or what a failing one does. */
const TEARS: readonly { name: string; isHarmless: boolean; tear(directory: string): void }[] = [
  {
    // Pages that no commit has reached yet are written beyond the last one.
    name: 'garbage behind the last page',
    isHarmless: true,
    tear(directory) {
      for (const file of newestEnvironments(directory))
        appendFileSync(file, Buffer.alloc(3 * PAGE + 777, 0xa5))
    },
  },
  {
    name: 'a file cut in the middle of a page behind the last one',
    isHarmless: true,
    tear(directory) {
      for (const file of newestEnvironments(directory)) appendFileSync(file, Buffer.alloc(777))
    },
  },
  {
    // A file is listed only when its bytes and its name are on disk: what is not listed may be anything.
    name: 'Parquet files and lines that were half written',
    isHarmless: true,
    tear(directory) {
      const [whole] = parquetFiles(directory)
      const half = readFileSync(path.join(directory, 'lake', whole!))
      const beside = path.join(directory, 'lake', path.dirname(whole!), '0-0123456789ab.parquet')
      writeFileSync(beside, half.subarray(0, half.length / 2))
      writeFileSync(path.join(directory, 'lake', '.unfinished', 'x.parquet'), half.subarray(7))
      mkdirSync(path.join(directory, 'tmp', 'lines'), { recursive: true })
      writeFileSync(path.join(directory, 'tmp', 'lines', '7.ndjson'), '{"event_id":"half')
    },
  },
  {
    // Committed pages gone: no power cut does that to a disk that keeps fsync's promise.
    name: 'a file that lost half of its pages',
    isHarmless: false,
    tear(directory) {
      const file = newestSegment(directory)
      truncateSync(file, Math.floor(statSync(file).size / 2 / PAGE) * PAGE)
    },
  },
  {
    name: 'both heads of the file overwritten',
    isHarmless: false,
    tear(directory) {
      const handle = openSync(newestSegment(directory), 'r+')
      writeSync(handle, Buffer.alloc(2 * PAGE, 0xa5), 0, 2 * PAGE, 0)
    },
  },
]

/** Tears the newest segment of a killed server: what is harmless must lose nothing, what is not must be refused clearly. */
export async function tearWrites(seed: number, tell: (fields: object) => void): Promise<Problems> {
  const origin = temporaryDirectory()
  const requests = await killedUnderLoad(origin, seed)
  const problems: Problems = []
  for (const { name, isHarmless, tear } of TEARS) {
    const directory = temporaryDirectory()
    rmSync(directory, { recursive: true })
    cpSync(origin, directory, { recursive: true })
    tear(directory)
    const outcome = await startAfter(directory, requests)
    const found = judge(isHarmless, outcome)
    problems.push(...found.map((problem) => `${name}: ${problem}`))
    tell({ torn: name, ...outcome, problems: found })
    rmSync(directory, { recursive: true, force: true })
  }
  rmSync(origin, { recursive: true, force: true })
  return problems
}

async function killedUnderLoad(directory: string, seed: number): Promise<Requests> {
  const server = await startServer(directory)
  const load = startLoad({ server: () => server, round: ROUND, random: createRandom(seed, 3) })
  // Something of everything that is to be torn.
  while (load.acked() < 500 || parquetFiles(directory).length === 0) await sleep(100)
  const victims = (['store', 'collect', 'lake'] as const).map((name) => server.pidOf(name)!)
  for (const pid of victims) process.kill(pid, 'SIGKILL')
  await server.stop('SIGKILL')
  rmSync(path.join(directory, 'run'), { recursive: true })
  // Nobody is there to answer the retries of careful clients.
  const { requests } = load
  void load.stop()
  return requests
}

function parquetFiles(directory: string): string[] {
  if (!existsSync(path.join(directory, 'lake'))) return []
  const names = readdirSync(path.join(directory, 'lake'), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.parquet') && !name.startsWith('.'))
}

/** The data files that were being written: of the newest segment, the store and the books of the lake. */
function newestEnvironments(directory: string): string[] {
  const store = path.join(directory, 'store')
  const generations = readdirSync(store, { recursive: true, encoding: 'utf8' })
    .filter((name) => path.basename(name) === 'data.mdb')
    .map((name) => path.join(store, name))
  return [newestSegment(directory), ...generations, path.join(directory, 'lake-meta', 'data.mdb')]
}

function newestSegment(directory: string): string {
  const stream = path.join(directory, 'stream')
  const newest = readdirSync(stream)
    .filter((name) => /^\d+$/.test(name))
    .sort((left, right) => Number(left) - Number(right))
    .at(-1)!
  return path.join(stream, newest, 'data.mdb')
}

interface Outcome {
  readonly started: boolean
  readonly says?: string
  readonly problems: Problems
}

async function startAfter(directory: string, requests: Requests): Promise<Outcome> {
  const words = [
    'dev',
    '--no-demo',
    '--port',
    '0',
    '--data-dir',
    directory,
    '--log-level',
    'silent',
  ]
  const first = await shoplake(words, { untilTold: /shoplake is up/ })
  if (first.code !== 0) return { started: false, says: first.stderr.trim(), problems: [] }
  const server = await startServer(directory)
  const problems = await checkRound(server, ROUND, requests)
  await server.stop()
  problems.push(...(await checkTidy(directory)))
  return { started: true, problems }
}

/** What is harmless must lose nothing; what is not must be named, not read as if it were less. */
function judge(isHarmless: boolean, { started, says, problems }: Outcome): Problems {
  if (isHarmless) return started ? problems : [`it did not start: ${says}`]
  if (started) return ['it started all the same']
  return /damaged/.test(says ?? '') ? [] : [`it does not say what is wrong: ${says}`]
}
