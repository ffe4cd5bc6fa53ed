import type { Command } from 'commander'
import {
  type CostEstimate,
  type CostInput,
  DEFAULT_COST_INPUT,
  estimateCost,
} from '../../monitor/cost.ts'
import { aboveZero } from '../option-values.ts'
import { printJson, printTable, say } from '../output.ts'

interface CostFlags {
  readonly json?: boolean
  readonly eventsPerS?: number
  readonly eventsPerDay?: number
  readonly eventsPerRequest: number
  readonly retentionDays: number
  readonly queriesPerDay: number
  readonly onDemand?: boolean
  readonly provisionedStore?: boolean
}

/** Loads that are shown beside each other where none is given. */
const LOADS = [1, 100, 1000, 10_000]

export function registerCost(program: Command): void {
  const { events_per_request, retention_days, queries_per_day } = DEFAULT_COST_INPUT
  program
    .command('cost')
    .description('what the AWS home costs a month, by service')
    .option('--events-per-s <n>', 'events a second, all day', aboveZero)
    .option('--events-per-day <n>', 'the same by the day', aboveZero)
    .option(
      '--events-per-request <n>',
      'events that one request carries',
      aboveZero,
      events_per_request,
    )
    .option('--retention-days <n>', 'days that the lake keeps', aboveZero, retention_days)
    .option('--queries-per-day <n>', 'queries of the lake', aboveZero, queries_per_day)
    .option('--on-demand', 'a stream that is paid by what goes through it')
    .option('--provisioned-store', 'a store that is paid for what is held ready, at a steady load')
    .action(cost)
}

function cost(_flags: unknown, command: Command): void {
  const flags = command.optsWithGlobals<CostFlags>()
  const asked = flags.eventsPerS ?? (flags.eventsPerDay ? flags.eventsPerDay / 86_400 : undefined)
  const estimates = (asked === undefined ? LOADS : [asked]).map((events_per_s) =>
    estimateCost(inputOf(flags, events_per_s)),
  )
  if (flags.json) printJson(asked === undefined ? estimates : estimates[0])
  else if (asked === undefined) printLoads(estimates)
  else printOne(estimates[0]!)
}

function inputOf(flags: CostFlags, events_per_s: number): CostInput {
  return {
    ...DEFAULT_COST_INPUT,
    events_per_s,
    events_per_request: flags.eventsPerRequest,
    retention_days: flags.retentionDays,
    queries_per_day: flags.queriesPerDay,
    stream: flags.onDemand ? 'on_demand' : 'provisioned',
    store: flags.provisionedStore ? 'provisioned' : 'on_demand',
  }
}

function printOne(estimate: CostEstimate): void {
  printTable(
    ['service', 'USD a month', 'USD a million events', 'for'],
    [
      ...estimate.lines.map((line) => [
        ...[line.service, money(line.usd_per_month), fine(line.usd_per_million), line.of],
      ]),
      ['together', money(estimate.usd_per_month), fine(estimate.usd_per_million), ''],
      ...estimate.published.map(({ name, usd_per_million }) => [
        ...[name, null, fine(usd_per_million), 'as published'],
      ]),
    ],
  )
  sayBasis(estimate)
}

function printLoads(estimates: readonly CostEstimate[]): void {
  const [first] = estimates
  printTable(
    ['USD a million events', ...LOADS.map((load) => `${load}/s`)],
    [
      ...first!.lines.map(({ service }, index) => [
        service,
        ...estimates.map(({ lines }) => fine(lines[index]!.usd_per_million)),
      ]),
      ['together', ...estimates.map((one) => fine(one.usd_per_million))],
      ['together, USD a month', ...estimates.map((one) => money(one.usd_per_month))],
      ...publishedRows(estimates),
    ],
  )
  sayBasis(first!)
}

function publishedRows(estimates: readonly CostEstimate[]): (string | null)[][] {
  const names = new Set(estimates.flatMap(({ published }) => published.map(({ name }) => name)))
  return [...names].map((name) => [
    name,
    ...estimates.map(({ published }) => {
      const found = published.find((one) => one.name === name)
      return found ? fine(found.usd_per_million) : null
    }),
  ])
}

function sayBasis({ region, checked }: CostEstimate): void {
  say(
    `List prices of ${region}, looked up ${checked}; no free tier, tax, support or QuickSight seats ` +
      '($24 an author, $3 a reader). Bytes and items are measured, run times of functions estimated.',
  )
}

function money(usd: number): string {
  return usd.toFixed(2)
}

function fine(usd: number): string {
  return usd.toFixed(3)
}
