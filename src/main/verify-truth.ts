import { createCalendar, DAY_MS } from '../simulator/calendar.ts'
import { askPages, askReport, askSql } from './ask.ts'
import type { Client } from './client.ts'
import type { Figure } from './figure.ts'
import { type Settled, settle } from './recount.ts'
import type { TruthFile } from './truth-file.ts'
import { LAKE_SQL, ledgerFigures } from './verify-ledger.ts'
import { type Period, reportFigures } from './verify-reports.ts'
import { storeFigures } from './verify-store.ts'

/** Where a simulation stood and with which keys it was sent; the truth beside it. */
export type Told = Pick<TruthFile, 'from' | 'to' | 'time_zone' | 'sources' | 'resumed' | 'truth'>

/**
 * Waits until everything has settled and compares the truth of a simulation with ledger, store, lake and reports of a
 * server that was sent it and nothing else.
 */
export async function verifyTruth(
  client: Client,
  told: Told,
  settled?: Settled,
): Promise<readonly Figure[]> {
  const { ledger } = settled ?? (await settle(client))
  const { truth } = told
  const isOurs = ({ source }: { readonly source?: unknown }) =>
    told.sources.length === 0 || told.sources.includes(String(source))
  const letters = await askPages(client, '/v1/dead-letters')
  const [lake = {}] = await askSql(client, LAKE_SQL)
  const door = {
    ledger: ledger.rows.filter(isOurs),
    dead_letters: letters.filter(isOurs),
    lake,
  }
  const state = {
    orders: await askPages(client, '/v1/orders'),
    customers: await askPages(client, '/v1/customers'),
    products: await askPages(client, '/v1/products'),
    inventory: await askPages(client, '/v1/inventory'),
  }
  const reports = await reportFigures(truth, periodOf(told), (name, params) =>
    askReport(client, name, params),
  )
  return [...ledgerFigures(truth, door, told), ...storeFigures(truth, state), ...reports]
}

/** Every local day of the simulation; a browser whose clock is behind may still live in the day before. */
function periodOf({ from, to, time_zone }: Told): Period {
  const { dateOf } = createCalendar(time_zone)
  return { from: dateOf(Date.parse(from) - DAY_MS), to: dateOf(Date.parse(to)) }
}
