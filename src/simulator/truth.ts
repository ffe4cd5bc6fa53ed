import { type CohortBook, type Cohorts, createCohortBook } from './cohorts.ts'

/** What really happened in the simulated shop, beside the events that tell of it. Money is in ten-thousandths of the shop's currency. */
export interface Truth {
  /** Per local day of the shop. Names are those of the metric definitions. */
  readonly days: { readonly [local_date: string]: DayTruth }
  readonly totals: DayTruth
  readonly products: { readonly [product_id: string]: ProductTruth }
  /** Sessions that got as far as each step, each step after the one before. */
  readonly purchase_funnel: FunnelTruth
  /** Distinct browsers of people. */
  readonly visitors: number
  /** With an account and at least one order. */
  readonly customers: number
  /** With at least two orders. */
  readonly repeat_customers: number
  readonly cohorts: Cohorts
  readonly orders_by_status: { readonly [status: string]: number }
  readonly bot_sessions: number
  /** Events by type that the shop sent, each once, bots included; faults are not among them. */
  readonly events: { readonly [event_type: string]: number }
  readonly faults: FaultTruth
}

export interface DayTruth {
  sessions: number
  /** Sessions with at least one order. */
  converted_sessions: number
  orders: number
  units: number
  gross_sales: number
  discounts: number
  shipping: number
  taxes: number
  /** Refunds, and what cancelled orders were worth; on the day of the refund or cancellation. */
  sales_reversals: number
  searches: number
  no_result_searches: number
  reviews: number
  rating_sum: number
}

export interface ProductTruth {
  views: number
  cart_adds: number
  orders: number
  units: number
  gross_sales: number
  /** Of its lines alone. */
  discounts: number
  /** What of orders, units, gross_sales and discounts stood in orders that were cancelled. */
  cancelled_orders: number
  cancelled_units: number
  cancelled_sales: number
  cancelled_discounts: number
  /** Units that refunds name. */
  units_returned: number
  reviews: number
  rating_sum: number
  on_hand: number
  /** Times that somebody wanted to buy it and it was out of stock. */
  lost_sales: number
}

export interface FunnelTruth {
  sessions: number
  product_view: number
  add_to_cart: number
  checkout_started: number
  order_created: number
}

/** What was done to the events on their way, in events. */
export interface FaultTruth {
  duplicate: number
  /** Held up for `LATE_MS` or longer. */
  late: number
  /** Held up for less. */
  out_of_order: number
  unknown_field: number
  clock_skew: number
  /** By the reason with which the collector is to refuse them. */
  invalid: { [reason: string]: number }
}

/** The truth while it is being written. */
export interface TruthBook {
  day(local_date: string): DayTruth
  product(product_id: string): ProductTruth
  readonly funnel: FunnelTruth
  readonly counts: { visitors: number; customers: number; repeat_customers: number; bots: number }
  readonly cohorts: CohortBook
  readonly orders_by_status: Map<string, number>
  readonly events: Map<string, number>
  readonly faults: FaultTruth
  /** A copy of everything so far, with the totals. */
  snapshot(): Truth
}

export function createTruthBook(): TruthBook {
  const days = new Map<string, DayTruth>()
  const products = new Map<string, ProductTruth>()
  const book: TruthBook = {
    day: (date) => getOrAdd(days, date, emptyDay),
    product: (id) => getOrAdd(products, id, emptyProduct),
    funnel: {
      sessions: 0,
      product_view: 0,
      add_to_cart: 0,
      checkout_started: 0,
      order_created: 0,
    },
    counts: { visitors: 0, customers: 0, repeat_customers: 0, bots: 0 },
    cohorts: createCohortBook(),
    orders_by_status: new Map(),
    events: new Map(),
    faults: {
      duplicate: 0,
      late: 0,
      out_of_order: 0,
      unknown_field: 0,
      clock_skew: 0,
      invalid: {},
    },
    snapshot: () =>
      structuredClone({
        days: Object.fromEntries(days),
        totals: totalsOf([...days.values()]),
        products: Object.fromEntries(products),
        purchase_funnel: book.funnel,
        visitors: book.counts.visitors,
        customers: book.counts.customers,
        repeat_customers: book.counts.repeat_customers,
        cohorts: book.cohorts.snapshot(),
        orders_by_status: Object.fromEntries(book.orders_by_status),
        bot_sessions: book.counts.bots,
        events: Object.fromEntries(book.events),
        faults: book.faults,
      }),
  }
  return book
}

/** Adds to a count by name. */
export function addTo(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by)
}

/** What is left of gross sales after discounts and reversals. */
export function netSalesOf(day: DayTruth): number {
  return day.gross_sales - day.discounts - day.sales_reversals
}

function getOrAdd<T>(entries: Map<string, T>, key: string, empty: () => T): T {
  const known = entries.get(key)
  if (known) return known
  const added = empty()
  entries.set(key, added)
  return added
}

function totalsOf(days: readonly DayTruth[]): DayTruth {
  const totals = emptyDay()
  for (const day of days) {
    for (const name of Object.keys(totals) as (keyof DayTruth)[]) totals[name] += day[name]
  }
  return totals
}

function emptyDay(): DayTruth {
  return {
    sessions: 0,
    converted_sessions: 0,
    orders: 0,
    units: 0,
    gross_sales: 0,
    discounts: 0,
    shipping: 0,
    taxes: 0,
    sales_reversals: 0,
    searches: 0,
    no_result_searches: 0,
    reviews: 0,
    rating_sum: 0,
  }
}

function emptyProduct(): ProductTruth {
  return {
    views: 0,
    cart_adds: 0,
    orders: 0,
    units: 0,
    gross_sales: 0,
    discounts: 0,
    cancelled_orders: 0,
    cancelled_units: 0,
    cancelled_sales: 0,
    cancelled_discounts: 0,
    units_returned: 0,
    reviews: 0,
    rating_sum: 0,
    on_hand: 0,
    lost_sales: 0,
  }
}
