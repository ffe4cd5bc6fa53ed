import { formatMoney, parseMoney } from '../schema/money.ts'

/** One number that two independent ways must agree on. Money is decimal text. */
export interface Figure {
  /** Where ours was read: a report, a table of the store, the ledger. */
  readonly group: string
  readonly figure: string
  readonly truth: string
  readonly ours: string
  readonly equal: boolean
}

/** How a column is read: a whole number, an amount (the truth in ten-thousandths), or a double compared bit by bit. */
export type FigureKind = 'count' | 'money' | 'number'

/** A row as SQL or the read API gave it. */
export type FigureRow = { readonly [column: string]: unknown }

/** Figures in the making. */
export interface FigureBook {
  add(group: string, figure: string, kind: FigureKind, truth: number, ours: unknown): void
  /** Every column of every row that either side has; a row or value that one side lacks counts as 0 there. */
  table(
    group: string,
    kinds: { readonly [column: string]: FigureKind },
    truth: ReadonlyMap<string, { readonly [column: string]: number }>,
    ours: ReadonlyMap<string, FigureRow>,
  ): void
  readonly figures: readonly Figure[]
}

export function createFigureBook(): FigureBook {
  const figures: Figure[] = []
  const add: FigureBook['add'] = (group, figure, kind, truth, ours) => {
    const texts = { truth: textOfTruth(kind, truth), ours: textOfOurs(kind, ours) }
    figures.push({ group, figure, ...texts, equal: texts.truth === texts.ours })
  }
  return {
    figures,
    add,
    table(group, kinds, truth, ours) {
      for (const key of [...new Set([...truth.keys(), ...ours.keys()])].sort()) {
        for (const [column, kind] of Object.entries(kinds)) {
          add(
            group,
            `${key} ${column}`,
            kind,
            truth.get(key)?.[column] ?? 0,
            ours.get(key)?.[column] ?? 0,
          )
        }
      }
    },
  }
}

function textOfTruth(kind: FigureKind, value: number): string {
  return kind === 'money' ? formatMoney(BigInt(value)) : String(value)
}

/** What cannot be read is shown as it is, and equals nothing. */
function textOfOurs(kind: FigureKind, value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (kind !== 'money') return String(Number(value))
  const units = unitsOf(value)
  return units === undefined ? String(value) : formatMoney(units)
}

/** An amount of SQL or of the read API in ten-thousandths. SQL's may have more zeros behind the fourth decimal. */
export function unitsOf(value: unknown): bigint | undefined {
  if (typeof value === 'number') return parseMoney(value)
  return parseMoney(String(value).replace(/(\.\d{4})0+$/, '$1'))
}

/** Sum of a column of amounts, as decimal text. */
export function sumMoney(rows: readonly FigureRow[], column: string): string {
  return formatMoney(rows.reduce((sum, row) => sum + (unitsOf(row[column] ?? 0) ?? 0n), 0n))
}

export function sumCount(rows: readonly FigureRow[], column: string): number {
  return rows.reduce((sum, row) => sum + Number(row[column] ?? 0), 0)
}

/** Rows by the text of one column. */
export function rowsBy(rows: readonly FigureRow[], column: string): Map<string, FigureRow> {
  return new Map(rows.map((row) => [String(row[column]), row]))
}
