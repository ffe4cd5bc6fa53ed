import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { createClient } from '../src/main/client.ts'
import { recountChecks, settle } from '../src/main/recount.ts'
import { openShopKeys, sendEvents } from '../src/main/simulation-sender.ts'
import { verifyTruth } from '../src/main/verify-truth.ts'
import { simulate } from '../src/simulator/simulate.ts'
import { forkEmulators } from '../test/aws/fork-emulators.ts'
import type { ConsumerName } from '../test/aws/functions.ts'
import { type LocalHome, startLocalHome } from '../test/aws/local-home.ts'
import { numberOf } from './arguments.ts'

/**
 * The AWS home on emulators: a shop of two weeks with faults through HTTP, each consumer alone over all of it, every figure
 * verified before and after compaction; sizes and cold imports of the functions. `aws [sessions a day]`.
 */
const DAY_MS = 86_400_000
const DAYS = 14
const IMPORTS = 15
const QUIET: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'ignore']
const FAULTS = { duplicate: 0.01, late: 0.02, out_of_order: 0.01, invalid: 0.005 }

const sessions_per_day = numberOf(process.argv[2], 1600)
const emulators = await forkEmulators(path.join(import.meta.dirname, 'emulators-process.js'))
const home = await startLocalHome({ emulators, port: 0, window_ms: 100 })
bundles(home)
const accepted = await run(home)
process.stdout.write(`${accepted.toLocaleString('en')} events were accepted\n`)
await home.close()
await emulators.close()

function bundles({ functions }: LocalHome): void {
  for (const [name, asset] of Object.entries(functions.assets)) {
    const file = path.join(asset, 'index.mjs')
    const code = `const t = performance.now(); await import('${pathToFileURL(file)}'); console.log(performance.now() - t)`
    const times = Array.from({ length: IMPORTS }, () =>
      Number(execFileSync(process.execPath, ['--input-type=module', '-e', code], { stdio: QUIET })),
    ).sort((a, b) => a - b)
    const kb = (statSync(file).size / 1000).toFixed(0)
    const [middle, last] = [times[IMPORTS >> 1]!, times[IMPORTS - 1]!]
    line(`bundle ${name}`, `${kb} kB, cold import ${middle.toFixed(0)} ms (to ${last.toFixed(0)})`)
  }
}

async function run(home: LocalHome): Promise<number> {
  const client = createClient(home.url, home.key)
  const to = Math.floor(Date.now() / DAY_MS) * DAY_MS
  const from = to - DAYS * DAY_MS
  const simulation = simulate({
    ...{ seed: 5, from, to, sessions_per_day, time_zone: 'UTC', currency: 'USD' },
    faults: { ...FAULTS, unknown_field: 0.01, clock_skew: 0.01 },
  })
  const keys = await openShopKeys(client)
  home.pause(true)
  const sending = await timed(() =>
    sendEvents({ url: client.url, keys: keys.texts, events: simulation }),
  )
  const { events, accepted, duplicates, rejected } = sending.value
  line(
    'sent',
    `${events} events: ${accepted} accepted, ${duplicates} duplicates, ${rejected} refused`,
  )
  line('through collect', rate(events, sending))
  for (const consumer of ['write-lake', 'update-store'] as const) {
    await consume(home, consumer, accepted)
  }
  home.pause(false)
  const period = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  const told = { ...period, time_zone: 'UTC', sources: keys.sources, resumed: false }
  const verifying = async (when: string) => {
    const verified = await timed(async () => {
      const settled = await settle(client)
      const figures = await verifyTruth(client, { ...told, truth: simulation.truth() }, settled)
      return [...recountChecks(settled), ...figures]
    })
    const wrong = verified.value.filter(({ equal }) => !equal)
    line(when, `${verified.value.length} figures, ${wrong.length} differ, ${seconds(verified.ms)}`)
    for (const one of wrong.slice(0, 20)) line('', JSON.stringify(one))
    if (wrong.length > 0) process.exitCode = 1
  }
  await verifying('verified')
  const compaction = await timed(() => home.compact())
  line('compacted', seconds(compaction.ms))
  await verifying('verified again')
  await keys.close()
  return accepted
}

async function consume(home: LocalHome, consumer: ConsumerName, events: number): Promise<void> {
  const before = home.invocations.length
  const took = await timed(() => home.drain(consumer))
  const calls = home.invocations.slice(before)
  const ms = calls.reduce((sum, call) => sum + call.ms, 0)
  const records = calls.reduce((sum, call) => sum + call.records, 0)
  line(
    consumer,
    `${rate(events, { ms, cpu_ms: took.cpu_ms })} within ${calls.length} invocations of ${(records / calls.length).toFixed(0)} records`,
  )
}

/** Time of the wall and of this process: emulators have their own. */
async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number; cpu_ms: number }> {
  const [began, cpu] = [performance.now(), process.cpuUsage()]
  const value = await work()
  const { user, system } = process.cpuUsage(cpu)
  return { value, ms: performance.now() - began, cpu_ms: (user + system) / 1000 }
}

function rate(events: number, { ms, cpu_ms }: { ms: number; cpu_ms: number }): string {
  const micros = ((cpu_ms * 1000) / events).toFixed(0)
  return `${((events / ms) * 1000).toFixed(0)} events/s, ${micros} µs CPU an event`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function line(name: string, text: string): void {
  process.stdout.write(`${name.padEnd(22)} ${text}\n`)
}
