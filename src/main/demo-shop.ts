import { setTimeout as sleep } from 'node:timers/promises'
import { DEV_KEYS } from '../config.ts'
import type { FaultRates } from '../simulator/faults.ts'
import { type SimulateOptions, simulate } from '../simulator/simulate.ts'
import type { SimulatedEvent } from '../simulator/world.ts'
import { patiently } from './ask.ts'
import { type Client, createClient } from './client.ts'
import type { DemoState } from './demo-state.ts'
import { verifyPatiently } from './demo-verify.ts'
import type { Figure } from './figure.ts'
import { isSettled, settle } from './recount.ts'
import { type Sent, sendEvents } from './simulation-sender.ts'
import { type Told, verifyTruth } from './verify-truth.ts'

const LIVE_TICK_MS = 250
/**
 * Something for the pages of refused events and unknown fields. Faults that delay have no place here: what is under way
 * when the history ends would be missing from it.
 */
const FAULTS: FaultRates = { invalid: 0.001, unknown_field: 0.002 }

/** What the demo shop plays on. */
export interface Stage {
  readonly url: string
  readonly zone: string
  readonly currency: string
  save(state: DemoState): void
  isRunning(): boolean
  /** Tells the person at the terminal. */
  say(text: string): void
}

/**
 * Sends the history, checks what became of it against the truth, and goes on in real time until it is stopped. Begun
 * again, it plays the same shop and sends what happened since.
 */
export async function playDemo(begun: DemoState, stage: Stage): Promise<void> {
  const client = createClient(stage.url, DEV_KEYS.server)
  let state = begun
  if (!state.verified) state = await playHistory(state, stage, client)
  if (stage.isRunning()) await playLive(state, stage)
}

async function playHistory(begun: DemoState, stage: Stage, client: Client): Promise<DemoState> {
  const began = performance.now()
  const isAlone = begun.resumed || (await isEmpty(client, stage))
  const history = simulate(optionsOf(begun, stage, begun.history_to))
  const sent = await send(behind(history, begun.sent_events), begun, stage)
  const state = { ...begun, sent_events: begun.sent_events + sent.events }
  if (!stage.isRunning()) return state
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  if (sent.events > 0)
    stage.say(`  ✓ demo shop: ${count(sent.events)} events of history in ${seconds} s`)
  if (isAlone) {
    const isRepeated = state.resumed || sent.again
    const told = toldOf(state, stage, history.truth(), isRepeated)
    const verdict = await verify(client, stage, told, state.sent_events)
    if (verdict === undefined) return state
    stage.say(verdict)
  }
  const verified = { ...state, verified: true }
  stage.save(verified)
  return verified
}

/** What is to be said of the history; undefined where it is stopped first. */
async function verify(
  client: Client,
  stage: Stage,
  told: Told,
  sent: number,
): Promise<string | undefined> {
  let others = 0
  const look = async () => {
    const settled = await settle(client)
    const figures = await verifyTruth(client, told, settled)
    others = told.resumed ? acceptedBeside(figures) : await othersBeside(client, sent)
    return { figures, settled: isSettled(settled) }
  }
  const found = await verifyPatiently(look, stage)
  if (found === undefined) return undefined
  if ('failure' in found) return notVerified(found.failure)
  return others > 0 ? notAlone(others) : verdictOf(found.figures)
}

/** Whether no event has ever come: with others beside it, the truth of the demo shop is not all of it. */
async function isEmpty(client: Client, stage: Stage): Promise<boolean> {
  const { totals } = await askTotals(client)
  if (totals.received === 0) return true
  stage.say('  demo shop: not verified, since there were other events before')
  return false
}

/** Events that somebody else sent meanwhile, such as the first of the README: they are in no truth of the demo shop. */
async function othersBeside(client: Client, sent: number): Promise<number> {
  const { totals } = await askTotals(client)
  return totals.received - sent
}

function askTotals(client: Client): Promise<{ totals: { received: number } }> {
  return patiently(client, '/v1/ledger')
}

/** The same where some was sent twice, which makes what was received no measure: by what was accepted once. */
function acceptedBeside(figures: readonly Figure[]): number {
  const accepted = figures.find(({ group, figure }) => group === 'ledger' && figure === 'accepted')
  return Math.max(0, Number(accepted?.ours ?? 0) - Number(accepted?.truth ?? 0))
}

function notAlone(others: number): string {
  const events = others === 1 ? '1 event of yours' : `${count(others)} events of yours`
  return `  demo shop: not verified, since ${events} came meanwhile`
}

/** Later the demo shop has sent more than its history, of which the truth is known: it is not tried again. */
function notVerified(why: string): string {
  return `  demo shop: verify could not be finished (${why}); it goes on, and \`shoplake verify\` recounts the lake`
}

function toldOf(state: DemoState, stage: Stage, truth: Told['truth'], resumed: boolean): Told {
  return {
    from: new Date(state.from).toISOString(),
    to: new Date(state.history_to).toISOString(),
    time_zone: stage.zone,
    sources: Object.values(DEV_KEYS),
    resumed,
    truth,
  }
}

function verdictOf(figures: readonly Figure[]): string {
  const differing = figures.filter((figure) => !figure.equal)
  const [first] = differing
  if (!first)
    return `  ✓ demo verified: ${count(figures.length)} figures equal the simulator's truth`
  const example = `${first.group}, ${first.figure}: ${first.ours} instead of ${first.truth}`
  return `  ✗ demo: ${count(differing.length)} of ${count(figures.length)} figures differ from the simulator's truth; ${example}`
}

async function playLive(begun: DemoState, stage: Stage): Promise<void> {
  const shop = behind(
    simulate(optionsOf(begun, stage, Number.POSITIVE_INFINITY)),
    begun.sent_events,
  )
  let state = begun
  let due: SimulatedEvent[] = []
  const flush = async () => {
    const sent = await send(due, state, stage)
    state = { ...state, sent_events: state.sent_events + sent.events }
    due = []
  }
  for (const next of shop) {
    if (next.at > Date.now() || due.length >= 2000) await flush()
    while (next.at > Date.now() && stage.isRunning()) {
      await sleep(Math.min(next.at - Date.now(), LIVE_TICK_MS))
    }
    if (!stage.isRunning()) return
    due.push(next)
  }
}

function optionsOf(state: DemoState, stage: Stage, to: number): SimulateOptions {
  const { seed, from } = state
  return { seed, from, to, time_zone: stage.zone, currency: stage.currency, faults: FAULTS }
}

/** All but the first so many. */
function* behind(events: Iterable<SimulatedEvent>, skipped: number): Generator<SimulatedEvent> {
  let left = skipped
  for (const next of events) {
    if (left > 0) left--
    else yield next
  }
}

/** Sends and remembers how far it came. A server that is away is waited for as long as the demo runs. */
function send(events: Iterable<SimulatedEvent>, state: DemoState, stage: Stage): Promise<Sent> {
  return sendEvents({
    url: stage.url,
    keys: DEV_KEYS,
    events,
    patience_ms: Number.POSITIVE_INFINITY,
    isWanted: stage.isRunning,
    onSent: (sent) => stage.save({ ...state, sent_events: state.sent_events + sent }),
  })
}

function count(value: number): string {
  return value.toLocaleString('en')
}
