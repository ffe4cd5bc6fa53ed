import { createWriteStream, writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import cliProgress from 'cli-progress'
import type { Command } from 'commander'
import { ShoplakeError } from '../../errors.ts'
import { DAY_MS } from '../../simulator/calendar.ts'
import type { FaultRates } from '../../simulator/faults.ts'
import { type Simulation, simulate } from '../../simulator/simulate.ts'
import type { SimulatedEvent } from '../../simulator/world.ts'
import { readFaultRates } from '../fault-rates.ts'
import { calendarDay, readBy, wholeNumber } from '../option-values.ts'
import { printJson, say } from '../output.ts'
import { loadSettings } from '../settings.ts'
import { openShopKeys, type Sent, sendEvents } from '../simulation-sender.ts'
import { truthFileOf } from '../truth-file.ts'
import { type ClientOptions, withServer } from '../with-server.ts'

interface SimulateFlags extends ClientOptions {
  readonly json?: boolean
  readonly seed: number
  readonly days: number
  readonly from?: string
  readonly sessionsPerDay: number
  readonly faults?: FaultRates
  readonly out?: string
  readonly truth?: string
}

/** The zone and currency in which the shop keeps its books. */
interface Shop {
  readonly time_zone: string
  readonly currency: string
}

/** A shop about to play, watched as it does. */
interface Play {
  readonly simulation: Simulation
  readonly events: Iterable<SimulatedEvent>
}

export function registerSimulate(program: Command): void {
  program
    .command('simulate')
    .description('play a synthetic shop into the server, or into a file; its truth is known')
    .option(
      '--seed <number>',
      'the same seed gives the same bytes',
      wholeNumber(-(2 ** 31), 2 ** 31),
      42,
    )
    .option('--days <days>', 'how long it plays', wholeNumber(1, 3650), 30)
    .option('--from <date>', 'its first day, UTC; otherwise it ends with yesterday', calendarDay)
    .option(
      '--sessions-per-day <count>',
      'visits on an average day',
      wholeNumber(1, 10_000_000),
      1000,
    )
    .option(
      '--faults <rates>',
      'such as dup=1%,late=2%,out_of_order=1%,invalid=0.5%',
      readBy(readFaultRates),
    )
    .option('--out <file>', 'NDJSON of {source, event} instead of the server; - for stdout')
    .option('--truth <file>', 'write what really happened, for `shoplake verify --truth`')
    .action(async (_flags, command: Command) => {
      const flags = command.optsWithGlobals<SimulateFlags>()
      await (flags.out === undefined ? toServer(flags) : toFile(flags, flags.out))
    })
}

async function toServer(flags: SimulateFlags): Promise<void> {
  const { from, to } = periodOf(flags)
  if (to > Date.now()) {
    throw new ShoplakeError(
      'bad_request',
      `${flags.days} days from ${isoDay(from)} reach into the future, and such events are refused; begin earlier`,
    )
  }
  await withServer(
    flags,
    async (client) => {
      const { shop } = await client.json<{ shop: Shop }>('/version')
      const keys = await openShopKeys(client)
      try {
        const { simulation, events } = open(flags, shop)
        const sent = await sendEvents({ url: client.url, keys: keys.texts, events })
        finish(flags, shop, simulation, sent, keys.sources)
      } finally {
        await keys.close()
      }
    },
    { mayCreate: true },
  )
}

async function toFile(flags: SimulateFlags, out: string): Promise<void> {
  const { config } = loadSettings({ data_dir: flags.dataDir })
  const shop = { time_zone: config.shop_time_zone, currency: config.shop_currency }
  const { simulation, events } = open(flags, shop)
  const count = { events: 0 }
  const lines = Readable.from(linesOf(events, count))
  try {
    if (out === '-') await pipeline(lines, process.stdout, { end: false })
    else await pipeline(lines, createWriteStream(out))
  } catch (error) {
    // Whoever reads stdout may stop early, as head(1) does.
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return
    throw error
  }
  finish(flags, shop, simulation, count, [])
}

/** Lines in pieces of some size: one write for each line would take longer than the shop itself. */
function* linesOf(events: Iterable<SimulatedEvent>, count: { events: number }): Generator<string> {
  const lines: string[] = []
  for (const { source, event } of events) {
    count.events++
    lines.push(`${JSON.stringify({ source, event })}\n`)
    if (lines.length === 1000) yield lines.splice(0).join('')
  }
  yield lines.join('')
}

function periodOf(flags: SimulateFlags): { from: number; to: number } {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS
  const from = flags.from ? Date.parse(flags.from) : today - flags.days * DAY_MS
  return { from, to: from + flags.days * DAY_MS }
}

function open(flags: SimulateFlags, shop: Shop): Play {
  const { seed, faults, sessionsPerDay: sessions_per_day } = flags
  const period = periodOf(flags)
  const simulation = simulate({
    seed,
    ...period,
    ...shop,
    sessions_per_day,
    ...(faults ? { faults } : {}),
  })
  return { simulation, events: withProgress(simulation, period) }
}

/** The same events; on a terminal with a bar of the days that have been played. */
function* withProgress(
  events: Iterable<SimulatedEvent>,
  { from, to }: { from: number; to: number },
): Generator<SimulatedEvent> {
  const bar = new cliProgress.SingleBar(
    {
      format: '{bar} {percentage}% · {day} · {events} events',
      stream: process.stderr,
      noTTYOutput: false,
      hideCursor: true,
    },
    cliProgress.Presets.shades_classic,
  )
  const days = (to - from) / DAY_MS
  if (process.stderr.isTTY) bar.start(days, 0, { events: 0, day: isoDay(from) })
  let count = 0
  try {
    for (const next of events) {
      yield next
      if (++count % 1000 === 0)
        bar.update(Math.min(days, (next.at - from) / DAY_MS), {
          events: count,
          day: isoDay(next.at),
        })
    }
    bar.update(days, { events: count, day: isoDay(to - 1) })
  } finally {
    bar.stop()
  }
}

function finish(
  flags: SimulateFlags,
  shop: Shop,
  simulation: Simulation,
  sent: Partial<Sent> & { readonly events: number },
  sources: readonly string[],
): void {
  const period = periodOf(flags)
  const { again = false, ...counts } = sent
  const played = {
    seed: flags.seed,
    from: new Date(period.from).toISOString(),
    to: new Date(period.to).toISOString(),
    sessions_per_day: flags.sessionsPerDay,
  }
  if (flags.truth !== undefined) {
    const file = truthFileOf({
      ...played,
      ...shop,
      faults: flags.faults ?? {},
      sources,
      resumed: again,
      truth: simulation.truth(),
    })
    writeFileSync(flags.truth, `${JSON.stringify(file)}\n`)
  }
  if (flags.json && flags.out !== '-') printJson({ ...played, ...counts, sources })
  const count = (value: number | undefined) => (value ?? 0).toLocaleString('en')
  const verdicts =
    sent.accepted === undefined
      ? ''
      : `: ${count(sent.accepted)} accepted, ${count(sent.duplicates)} duplicates, ${count(sent.rejected)} refused`
  say(`${count(sent.events)} events of seed ${flags.seed} from ${isoDay(period.from)}${verdicts}`)
}

function isoDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
