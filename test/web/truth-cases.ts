import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import {
  createFigureBook,
  type FigureBook,
  type FigureKind,
  type FigureRow,
  sumCount,
  sumMoney,
} from '../../src/main/figure.ts'
import { netSalesOf } from '../../src/simulator/truth.ts'
import { drawnTable, drawnTile, tells } from './drawn.ts'
import { openConsole, type Stage } from './stage.ts'

/** Money of the truth is in ten-thousandths. */
const UNITS = 10_000

/**
 * What the pages draw of a shop that was only simulated, against what happened in it: read from tiles, tables, steps and
 * bars as they stand there, each number exactly, and its text as far as it is rounded.
 */
export function truthCases(stage: Stage): void {
  test('Home draws what happened', async () => {
    const { page, close } = await openConsole(stage, '/')
    const { totals, days } = stage.truth
    const book = createFigureBook()
    await addTile(book, page, 'net_sales', 'money', netSalesOf(totals))
    await addTile(book, page, 'orders', 'count', totals.orders)
    const worth = (totals.gross_sales - totals.discounts) / totals.orders
    await addTile(book, page, 'aov', 'money', Math.round(worth))
    await addTile(book, page, 'sessions', 'count', totals.sessions)
    const conversion = totals.converted_sessions / totals.sessions
    await addTile(book, page, 'conversion_rate', 'number', conversion)
    await addFunnel(book, page, stage)
    await addTopProducts(page, stage, 7)
    const channels = await drawnTable(page, 'Channels')
    book.add('Channels', 'sessions', 'count', totals.sessions, sumCount(channels, 'Sessions'))
    book.add('Channels', 'orders', 'count', totals.orders, sumCount(channels, 'Orders'))
    const told = Object.entries(days).map(
      ([day, one]) =>
        [day, { Orders: one.orders, Units: one.units, 'Net sales': netSalesOf(one) }] as const,
    )
    const kinds = { Orders: 'count', Units: 'count', 'Net sales': 'money' } as const
    const sales = await drawnTable(page, 'Sales')
    book.table('Sales', kinds, new Map(told), rowsByFirst(sales, 'Period'))
    expectEqual(book, 80)
    await close()
  })

  test('Funnel draws what happened', async () => {
    const { page, close } = await openConsole(stage, '/funnel')
    const { totals, days } = stage.truth
    const book = createFigureBook()
    await addFunnel(book, page, stage)
    const told = Object.entries(days).map(
      ([day, { sessions, converted_sessions }]) =>
        [
          day,
          { Sessions: sessions, 'Conversion rate': ratioOf(converted_sessions, sessions) },
        ] as const,
    )
    const rates = await drawnTable(page, 'Conversion rate')
    const kinds = { Sessions: 'count', 'Conversion rate': 'number' } as const
    book.table('Conversion rate', kinds, new Map(told), rowsByFirst(rates, 'Period'))
    for (const title of ['Conversion by channel', 'Conversion by device']) {
      const rows = await drawnTable(page, title)
      book.add(title, 'sessions', 'count', totals.sessions, sumCount(rows, 'Sessions'))
    }
    expectEqual(book, 60)
    await close()
  })

  test('Products draws what happened', async () => {
    const { page, close } = await openConsole(stage, '/products')
    const { totals, products } = stage.truth
    const book = createFigureBook()
    await addTopProducts(page, stage, 10)
    const told = Object.entries(products).map(
      ([id, { units, gross_sales }]) => [id, { Units: units, 'Gross sales': gross_sales }] as const,
    )
    const all = await drawnTable(page, 'All products')
    const kinds = { Units: 'count', 'Gross sales': 'money' } as const
    book.table('All products', kinds, new Map(told), rowsByFirst(all, 'Product'))
    const categories = await drawnTable(page, 'Categories')
    book.add('Categories', 'units', 'count', totals.units, sumCount(categories, 'Units'))
    const gross = sumMoney(categories, 'Gross sales')
    book.add('Categories', 'gross_sales', 'money', totals.gross_sales, gross)
    expectEqual(book, 400)
    await close()
  })

  test('Customers draws what happened', async () => {
    const { page, close } = await openConsole(stage, '/customers')
    const { totals, customers, repeat_customers } = stage.truth
    const book = createFigureBook()
    await addTile(book, page, 'customers', 'count', customers)
    await addTile(book, page, 'new_customers', 'count', customers)
    await addTile(book, page, 'returning_customers', 'count', repeat_customers)
    const rate = ratioOf(repeat_customers, customers)
    await addTile(book, page, 'returning_customer_rate', 'number', rate)
    await addTile(book, page, 'repeat_purchase_rate', 'number', rate)
    const kinds = await drawnTable(page, 'Kinds of customers')
    const buyers = kinds.filter((row) => row.Group !== 'prospects')
    book.add('Kinds', 'customers', 'count', customers, sumCount(buyers, 'Customers'))
    const periods = await drawnTable(page, 'New and returning')
    const [first, later, guests] = ['First orders', 'Later orders', 'Orders of guests'].map(
      (name) => sumCount(periods, name),
    ) as [number, number, number]
    book.add('New and returning', 'first orders', 'count', customers, first)
    book.add('New and returning', 'orders', 'count', totals.orders, first + later + guests)
    await addTile(book, page, 'guest_orders', 'count', guests)
    expectEqual(book, 9)
    await close()
  })
}

/** A tile's number exactly, and that its text tells the same. */
export async function addTile(
  book: FigureBook,
  page: Page,
  name: string,
  kind: FigureKind,
  truth: number,
): Promise<void> {
  const { value, text } = await drawnTile(page, name)
  book.add('tiles', name, kind, truth, value)
  expect(tells(text, kind === 'money' ? truth / UNITS : truth), `${name}: ${text}`).toBe(true)
}

async function addFunnel(book: FigureBook, page: Page, { truth }: Stage): Promise<void> {
  const steps = page.locator('[data-chart=purchase_funnel] li data')
  const drawn = await steps.evaluateAll((all) => all.map((one) => one.getAttribute('value')))
  const texts = await steps.allTextContents()
  Object.entries(truth.purchase_funnel).forEach(([step, count], place) => {
    book.add('steps', step, 'count', count, drawn[place])
    expect(tells(texts[place] ?? '', count), `${step}: ${texts[place]}`).toBe(true)
  })
}

/** The bars of the products that sold best: which, in which order, and what stands at their end. */
async function addTopProducts(page: Page, { truth }: Stage, count: number): Promise<void> {
  const bars = page.locator('[data-chart=top_products] a.bar-row')
  const best = Object.entries(truth.products)
    .sort(([a, one], [b, other]) => other.gross_sales - one.gross_sales || (a < b ? -1 : 1))
    .slice(0, count)
  expect(await bars.count()).toBe(best.length)
  for (const [place, [id, { gross_sales }]] of best.entries()) {
    const bar = bars.nth(place)
    expect(await bar.getAttribute('href')).toContain(`/products/${id}`)
    const text = (await bar.locator('span').last().textContent())!
    expect(tells(text, gross_sales / UNITS), `${id}: ${text}`).toBe(true)
  }
}

export function rowsByFirst(rows: readonly FigureRow[], column: string): Map<string, FigureRow> {
  return new Map(rows.map((row) => [String(row[column]).replace(/ 00:00:00.*$|T.*$/, ''), row]))
}

export function ratioOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

/** All figures of the book are equal, and there are at least so many. */
export function expectEqual({ figures }: FigureBook, least: number): void {
  expect(figures.filter((figure) => !figure.equal)).toEqual([])
  expect(figures.length).toBeGreaterThanOrEqual(least)
}
