import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { createFigureBook, type FigureRow } from '../../src/main/figure.ts'
import { type CohortCell, cohortCells } from '../../src/simulator/cohorts.ts'
import type { Truth } from '../../src/simulator/truth.ts'
import { drawnTable } from './drawn.ts'
import { PAST, playPast } from './shop.ts'
import { openConsole, type Stage } from './stage.ts'
import { addTile, expectEqual, ratioOf, rowsByFirst } from './truth-cases.ts'

const DAYS = `?from=${PAST.from}&to=${PAST.to}`
const COHORTS = 'Who comes back, by the month of the first order'

/**
 * What the pages draw of months that are over, against what happened in them: customers who come back in later months, and
 * reviews, which take longer to be written than a few days.
 */
export function pastCases(stage: Stage): void {
  let truth: Truth
  beforeAll(async () => {
    truth = await playPast(stage.server)
  })

  test('Customers draws who came back', async () => {
    const { page, close } = await openConsole(stage, `/customers${DAYS}`)
    const { customers, repeat_customers, cohorts } = truth
    const book = createFigureBook()
    await addTile(book, page, 'customers', 'count', customers)
    await addTile(book, page, 'returning_customers', 'count', repeat_customers)
    const cells = cohortCells(cohorts, PAST.to)
    expect(await drawnGrid(page)).toEqual(gridOf(cells))
    const told = [...cells].map(([key, cell]) => [key, namesOf(cell)] as const)
    const drawn = await drawnTable(page, COHORTS)
    const kinds = {
      'Customers of the cohort': 'count',
      'Customers who ordered': 'count',
      Retention: 'number',
      'Gross sales': 'money',
    } as const
    book.table(COHORTS, kinds, new Map(told), new Map(drawn.map((row) => [keyOf(row), row])))
    // Four cohorts, of four months down to one.
    expectEqual(book, 2 + 4 * 10)
    await close()
  })

  test('Products draws what was written of them', async () => {
    const { page, close } = await openConsole(stage, `/products${DAYS}`)
    const book = createFigureBook()
    const told = Object.entries(truth.products).flatMap(([id, { reviews, rating_sum }]) =>
      reviews === 0
        ? []
        : [[id, { Reviews: reviews, 'Mean rating': ratioOf(rating_sum, reviews) }] as const],
    )
    const kinds = { Reviews: 'count', 'Mean rating': 'number' } as const
    const drawn = await drawnTable(page, 'Ratings')
    book.table('Ratings', kinds, new Map(told), rowsByFirst(drawn, 'Product'))
    expectEqual(book, 20)
    await close()
  })
}

function keyOf(row: FigureRow): string {
  return `${String(row['Month of the first order']).slice(0, 7)} ${row['Months later']}`
}

function namesOf(cell: CohortCell) {
  return {
    'Customers of the cohort': cell.cohort_customers,
    'Customers who ordered': cell.customers,
    Retention: cell.retention,
    'Gross sales': cell.gross_sales,
  }
}

/** Texts of the grid's lines, without headings and what is empty. */
function drawnGrid(page: Page): Promise<string[][]> {
  const lines = page.getByRole('figure', { name: COHORTS, exact: true }).locator('tbody tr')
  return lines.evaluateAll((all) =>
    all.map((line) =>
      [...line.querySelectorAll('td')].map((cell) => cell.textContent).filter(Boolean),
    ),
  )
}

/** The same of the truth: size, then the share of each month. */
function gridOf(cells: ReadonlyMap<string, CohortCell>): string[][] {
  const lines: string[][] = []
  for (const [key, { cohort_customers, retention }] of cells) {
    if (key.endsWith(' 0')) lines.push([String(cohort_customers)])
    lines.at(-1)!.push(`${Math.round(retention * 100)}%`)
  }
  return lines
}
