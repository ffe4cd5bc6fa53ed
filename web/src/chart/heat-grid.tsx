import { useState } from 'react'
import {
  formatCount,
  formatMonth,
  formatQuantity,
  formatValue,
  type Locale,
} from '../data/format.ts'
import {
  type Chart,
  numberOf,
  type ReportAnswer,
  type ReportColumn,
  type Row,
  rowsOf,
  textOf,
} from '../data/report-types.ts'
import { useSession } from '../data/session.tsx'
import { moveByArrows } from '../parts/use-arrows.ts'
import { weekdayName } from './sentence.ts'
import { shadeOf } from './shade.ts'

/** A day has all of them, also those in which nothing happened. */
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour))

interface HeatGridProps {
  readonly answer: ReportAnswer
  readonly chart: Chart
}

/** A grid of shades, which is a table: every cell holds its number. */
export function HeatGrid({ answer, chart }: HeatGridProps) {
  const { server } = useSession()
  const [told, setTold] = useState('')
  const { x = '', series = '' } = chart
  const column = answer.columns.find(({ name }) => name === chart.y[0])!
  const rows = rowsOf(answer)
  const across = x === 'hour' ? HOURS : keysOf(rows, x)
  const down = keysOf(rows, series)
  const cells = new Map(rows.map((row) => [`${textOf(row[series])}|${textOf(row[x])}`, row]))
  // The first month of a cohort is all of it, and would pale the others.
  const isCohort = column.name === 'retention'
  const top = Math.max(
    ...rows
      .filter((row) => !(isCohort && numberOf(row[x]) === 0))
      .map((row) => numberOf(row[column.name]) ?? 0),
  )
  const isFirst = (key: string) => isCohort && key === '0'
  const size = rows[0] && 'cohort_customers' in rows[0] ? 'cohort_customers' : undefined
  return (
    <>
      <p aria-hidden="true" className="mb-1 min-h-5 text-xs text-soft" data-readout="">
        {told || (isCohort ? 'Share of the cohort that ordered again' : '')}
      </p>
      <section aria-label={`${answer.report.title}, grid`} className="overflow-x-auto">
        <table
          className={`heat ${across.length > 12 ? 'heat-dense' : ''}`}
          onKeyDown={moveByArrows}
        >
          <caption className="sr-only">{answer.report.question}</caption>
          <thead>
            <tr className="text-soft">
              <Corner text={isCohort ? 'First order in' : ''} />
              {size && (
                <th scope="col" className="px-1 text-right font-normal">
                  Size
                </th>
              )}
              {across.map((key, place) => (
                <th
                  key={key}
                  scope="col"
                  data-third={place % 3 === 0}
                  className="text-center font-normal"
                >
                  {acrossLabel(x, key)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {down.map((line, row) => (
              <tr key={line}>
                <th scope="row" className="pr-2 text-left font-normal whitespace-nowrap text-soft">
                  {downLabel(series, line)}
                </th>
                {size && (
                  <td className="px-1 text-right text-soft">{sizeOf(rows, series, line, size)}</td>
                )}
                {across.map((key, place) => {
                  const found = cells.get(`${line}|${key}`)
                  const value = numberOf(found?.[column.name])
                  const text = `${downLabel(series, line)}, ${acrossLabel(x, key)}: ${tell(answer, column, found, server.shop)}`
                  return (
                    <Cell
                      key={key}
                      cell={`${row},${place}`}
                      value={value}
                      share={
                        value === undefined || top <= 0 || isFirst(key)
                          ? 0
                          : Math.min(1, value / top)
                      }
                      column={column}
                      text={text}
                      onTell={setTold}
                    />
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  )
}

/** Names the lines below, where they need it. */
function Corner({ text }: { readonly text: string }) {
  if (text === '') return <td />
  return (
    <th scope="col" className="pr-2 text-left font-normal whitespace-nowrap">
      {text}
    </th>
  )
}

interface CellProps {
  readonly cell: string
  readonly value: number | undefined
  readonly share: number
  readonly column: ReportColumn
  readonly text: string
  readonly onTell: (text: string) => void
}

function Cell({ cell, value, share, column, text, onTell }: CellProps) {
  const { server } = useSession()
  const { percent, isStrong } = shadeOf(share)
  return (
    <td
      data-cell={cell}
      tabIndex={cell === '0,0' ? 0 : -1}
      onFocus={() => onTell(text)}
      onPointerEnter={() => onTell(text)}
      onPointerLeave={() => onTell('')}
      className={`swatch text-center ${isStrong ? 'text-surface' : ''}`}
      style={
        value === undefined
          ? {}
          : {
              background: `color-mix(in oklab, var(--series-1) ${percent}%, var(--surface))`,
            }
      }
    >
      {value === undefined ? '' : shortOf(column, value, server.shop)}
    </td>
  )
}

function shortOf(column: ReportColumn, value: number, locale: Locale): string {
  if (column.unit === 'ratio') return `${Math.round(value * 100)}%`
  if (column.unit === 'count' && value < 1000) return value === 0 ? '' : formatCount(value)
  return formatQuantity(column.unit, value, locale, 'axis')
}

/** A cell in words: its own number, and the counts behind it. */
function tell(
  answer: ReportAnswer,
  column: ReportColumn,
  row: Row | undefined,
  locale: Locale,
): string {
  if (!row) return 'nothing'
  const others = answer.columns.filter(({ name, unit }) => name !== column.name && unit === 'money')
  return [column, ...others]
    .map((one) => `${one.label.toLowerCase()} ${formatValue(one, row[one.name], locale, 'round')}`)
    .join(', ')
}

function keysOf(rows: readonly Row[], name: string): string[] {
  const keys = [...new Set(rows.map((row) => textOf(row[name])))]
  const isNumeric = keys.every((key) => key !== '' && !Number.isNaN(Number(key)))
  return keys.sort((a, b) => (isNumeric ? Number(a) - Number(b) : a.localeCompare(b)))
}

function sizeOf(rows: readonly Row[], series: string, line: string, size: string): string {
  const row = rows.find((one) => textOf(one[series]) === line)
  return formatCount(numberOf(row?.[size]) ?? 0)
}

function acrossLabel(name: string, key: string): string {
  return name === 'hour' ? key.padStart(2, '0') : key
}

function downLabel(name: string, key: string): string {
  if (name === 'weekday') return weekdayName(Number(key), 'short')
  return name === 'cohort' ? formatMonth(key) : key
}
