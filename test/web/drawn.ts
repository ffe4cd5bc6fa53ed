import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import type { FigureRow } from '../../src/main/figure.ts'
import { settled } from './stage.ts'

/** A number as drawn: what stands behind it, and the text that people read. */
export interface Drawn {
  readonly value: string
  readonly text: string
}

/** Stands where there is no number. */
const NONE = '–'

/** The headline of a tile. */
export async function drawnTile(page: Page, name: string): Promise<Drawn> {
  const number = page.locator(`[data-tile=${name}] data`)
  const value = await number.getAttribute('value')
  expect(value, name).not.toBeNull()
  return { value: value!, text: (await number.textContent())! }
}

/** The rows of a card's table by its headings; a chart is first turned into its table. Null where there is no number. */
export async function drawnTable(page: Page, title: string): Promise<FigureRow[]> {
  const card = page.getByRole('figure', { name: title, exact: true })
  const turn = card.getByRole('button', { name: 'View as table' })
  if (await turn.count()) await turn.click()
  // A grid stays beside its table.
  const table = card.locator('section[aria-label$=", table"] table')
  await table.waitFor()
  await settled(page)
  await showAll(card)
  const [heads = [], ...rows] = await table
    .locator('tr')
    .evaluateAll((lines) =>
      lines.map((line) =>
        [...line.querySelectorAll('th, td')].map(
          (cell) => cell.querySelector('data')?.getAttribute('value') ?? cell.textContent,
        ),
      ),
    )
  return rows.map((cells) =>
    Object.fromEntries(
      heads.map((head, place) => [head.trim(), cells[place] === NONE ? null : cells[place]]),
    ),
  )
}

async function showAll(card: Locator): Promise<void> {
  const more = card.getByRole('button', { name: /^Show \d+ more/ })
  while (await more.count()) await more.click()
}

/**
 * Whether a text such as `$1,235` or `3.4%` tells a number: it is within half of the last digit that is written.
 */
export function tells(text: string, number: number): boolean {
  const digits = text.replace('−', '-').replace(/[^\d.-]/g, '')
  const decimals = digits.split('.')[1]?.length ?? 0
  const scale = text.includes('%') ? 100 : 1
  return Math.abs(Number(digits) - number * scale) <= 0.5 * 10 ** -decimals + 1e-9
}
