import { cohortCells } from '../simulator/cohorts.ts'
import { type DayTruth, netSalesOf, type Truth } from '../simulator/truth.ts'
import {
  createFigureBook,
  type Figure,
  type FigureBook,
  type FigureRow,
  rowsBy,
  sumCount,
  sumMoney,
} from './figure.ts'

/** Runs a report and gives its rows by column name. */
export type AskReport = (
  name: string,
  params: { readonly [name: string]: string | number },
) => Promise<readonly FigureRow[]>

/** First and last local day of the shop, both counted, YYYY-MM-DD. */
export interface Period {
  readonly from: string
  readonly to: string
}

const MONEY = {
  gross_sales: 'money',
  discounts: 'money',
  sales_reversals: 'money',
  net_sales: 'money',
} as const
const MOST_PRODUCTS = 1000
const MOST_TERMS = 5000
const MOST_MONTHS = 60

/** What the reports say over a lake that holds a simulated shop and nothing else, against what happened in it. */
export async function reportFigures(
  truth: Truth,
  period: Period,
  ask: AskReport,
): Promise<readonly Figure[]> {
  const book = createFigureBook()
  for (const compare of [sales, visits, customers, searches, products, quality]) {
    await compare(book, truth, period, ask)
  }
  return book.figures
}

type Compare = (book: FigureBook, truth: Truth, period: Period, ask: AskReport) => Promise<void>

const sales: Compare = async (book, truth, period, ask) => {
  const { totals } = truth
  const [overview] = await ask('sales_overview', { ...period })
  const told = moneyOf(totals)
  for (const [name, kind] of Object.entries({ ...MONEY, shipping: 'money', taxes: 'money' }))
    book.add('sales_overview', name, kind as 'money', told[name]!, overview?.[name])
  for (const name of ['orders', 'units', 'sessions'] as const)
    book.add('sales_overview', name, 'count', totals[name], overview?.[name])
  book.add('sales_overview', 'customers', 'count', truth.customers, overview?.customers)
  const rate = totals.converted_sessions / totals.sessions
  book.add('sales_overview', 'conversion_rate', 'number', rate, overview?.conversion_rate)

  const kinds = { orders: 'count', units: 'count', ...MONEY } as const
  const days = await ask('sales_by_day', { ...period })
  book.table('sales_by_day', kinds, periodsOf(truth, 10), rowsBy(days, 'day'))
  const months = (await ask('sales_by_month', { ...period })).map((row) => ({
    ...row,
    month: String(row.month).slice(0, 7),
  }))
  book.table('sales_by_month', kinds, periodsOf(truth, 7), rowsBy(months, 'month'))
  for (const name of ['sales_by_country', 'sales_by_hour_weekday', 'sales_by_category']) {
    const rows = await ask(name, { ...period })
    book.add(name, 'gross_sales', 'money', totals.gross_sales, sumMoney(rows, 'gross_sales'))
    // An order with products of two categories stands in both.
    if (name !== 'sales_by_category')
      book.add(name, 'orders', 'count', totals.orders, sumCount(rows, 'orders'))
  }
  const reversals = await ask('refunds_by_reason', { ...period })
  const amount = sumMoney(reversals, 'amount')
  book.add('refunds_by_reason', 'amount', 'money', totals.sales_reversals, amount)
}

const visits: Compare = async (book, truth, period, ask) => {
  const funnel = await ask('purchase_funnel', { ...period })
  const told = funnel.map((row) => row.sessions)
  Object.entries(truth.purchase_funnel).forEach(([step, count], index) => {
    book.add('purchase_funnel', step, 'count', count, told[index])
  })
  const days = await ask('sessions_by_day', { ...period })
  const byDay = rowsBy(days, 'day')
  book.table('sessions_by_day', { sessions: 'count' }, periodsOf(truth, 10), byDay)
  const channels = await ask('channels', { ...period })
  book.add('channels', 'sessions', 'count', truth.totals.sessions, sumCount(channels, 'sessions'))
  book.add('channels', 'orders', 'count', truth.totals.orders, sumCount(channels, 'orders'))
}

const customers: Compare = async (book, truth, period, ask) => {
  const [repeat] = await ask('repeat_rate', { as_of: period.to })
  book.add('repeat_rate', 'customers', 'count', truth.customers, repeat?.customers)
  const returned = truth.repeat_customers
  book.add('repeat_rate', 'repeat_customers', 'count', returned, repeat?.repeat_customers)
  const periods = await ask('new_vs_returning', { ...period, grain: 'month' })
  const first = sumCount(periods, 'new_orders')
  book.add('new_vs_returning', 'new_orders', 'count', truth.customers, first)
  const all = first + sumCount(periods, 'returning_orders') + sumCount(periods, 'guest_orders')
  book.add('new_vs_returning', 'orders', 'count', truth.totals.orders, all)
  await cohorts(book, truth, period, ask)
}

/** Months later is a count from the month of the first order; months that are not over are in neither. */
const cohorts: Compare = async (book, truth, period, ask) => {
  const rows = await ask('cohort_retention', { as_of: period.to, months: MOST_MONTHS })
  const ours = rows.map(
    (row) => [`${String(row.cohort).slice(0, 7)} ${row.month_number}`, row] as const,
  )
  const kinds = { cohort_customers: 'count', customers: 'count', gross_sales: 'money' } as const
  const cells = [...cohortCells(truth.cohorts, period.to)]
  const told = new Map(cells.map(([key, cell]) => [key, { ...cell }] as const))
  book.table('cohort_retention', kinds, told, new Map(ours))
}

const searches: Compare = async (book, truth, period, ask) => {
  const limit = { limit: MOST_TERMS }
  const found = [...(await ask('search_terms', { ...period, ...limit }))]
  if (found.length === MOST_TERMS) {
    // What was cut off is found month by month.
    found.length = 0
    for (const month of monthsOf(period)) {
      found.push(...(await ask('search_terms', { ...month, ...limit })))
    }
  }
  const { totals } = truth
  for (const name of ['searches', 'no_result_searches'] as const)
    book.add('search_terms', name, 'count', totals[name], sumCount(found, name))
}

const products: Compare = async (book, truth, period, ask) => {
  const known = new Map(Object.entries(truth.products))
  const limit = { limit: MOST_PRODUCTS }
  const top = rowsBy(await ask('top_products', { ...period, ...limit }), 'product_id')
  const sold = { units: 'count', orders: 'count', gross_sales: 'money' } as const
  book.table('top_products', sold, known as never, top)

  const ratings = rowsBy(await ask('ratings', { ...period, ...limit }), 'product_id')
  const rated = [...known].filter(([, product]) => product.reviews > 0)
  const mean = rated.map(
    ([id, { reviews, rating_sum }]) =>
      [id, { reviews, mean_rating: rating_sum / reviews }] as const,
  )
  book.table('ratings', { reviews: 'count', mean_rating: 'number' }, new Map(mean), ratings)

  const cover = rowsBy(await ask('stock_cover', { ...period, ...limit }), 'product_id')
  book.table('stock_cover', { on_hand: 'count' }, known as never, cover)
}

const quality: Compare = async (book, truth, period, ask) => {
  const rows = await ask('data_quality', { ...period })
  const types = new Set([
    ...Object.keys(truth.events),
    ...rows.map((row) => String(row.event_type)),
  ])
  for (const type of [...types].sort()) {
    const ours = sumCount(
      rows.filter((row) => row.event_type === type),
      'events',
    )
    book.add('data_quality', `${type} events`, 'count', truth.events[type] ?? 0, ours)
  }
  const { unknown_field } = truth.faults
  book.add('data_quality', 'drift_events', 'count', unknown_field, sumCount(rows, 'drift_events'))
  book.add('data_quality', 'mismatch_events', 'count', 0, sumCount(rows, 'mismatch_events'))
  book.add('data_quality', 'unvalued_events', 'count', 0, sumCount(rows, 'unvalued_events'))
}

function moneyOf(day: DayTruth): { readonly [name: string]: number } {
  return { ...day, net_sales: netSalesOf(day) }
}

/** The days added up by the first characters of their dates: 10 for days, 7 for months. */
function periodsOf(truth: Truth, length: number): Map<string, { [name: string]: number }> {
  const periods = new Map<string, { [name: string]: number }>()
  for (const [date, day] of Object.entries(truth.days)) {
    const key = date.slice(0, length)
    const sum = periods.get(key) ?? {}
    for (const [name, value] of Object.entries(moneyOf(day))) sum[name] = (sum[name] ?? 0) + value
    periods.set(key, sum)
  }
  return periods
}

/** The period cut at the ends of months. */
function monthsOf(period: Period): Period[] {
  const months: Period[] = []
  for (let from = period.from; from <= period.to; ) {
    const [year, month] = from.split('-').map(Number) as [number, number]
    const last = new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10)
    months.push({ from, to: [last, period.to].sort()[0]! })
    from = new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10)
  }
  return months
}
