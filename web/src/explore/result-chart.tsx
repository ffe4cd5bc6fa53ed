import { useMemo, useRef, useState } from 'react'
import type { Drawing } from '../chart/engine.ts'
import { ReportChart } from '../chart/report-chart.tsx'
import type { Chart, ReportColumn } from '../data/report-types.ts'
import type { SqlResult } from '../data/sql.ts'
import { answerOf, chartColumns, suitingChart } from './result-answer.ts'

const BARS = 30

/** A result as a chart: over time as a line or columns, over names as bars. */
export function ResultChart({ result }: { readonly result: SqlResult }) {
  const answer = useMemo(() => answerOf(result), [result])
  const suiting = useMemo(() => suitingChart(answer), [answer])
  const [chosen, setChosen] = useState<Partial<Chart>>({})
  const drawing = useRef<Drawing>(undefined)
  if (!suiting) {
    return (
      <p className="p-5 text-sm text-soft">
        There is nothing to draw: a chart needs a column of days, hours or names, one of numbers,
        and two rows at least.
      </p>
    )
  }
  const { x, y } = chartColumns(answer)
  const chart = { ...suiting, ...chosen }
  const isText = x.find(({ name }) => name === chart.x)?.unit === 'text'
  const kind = isText ? 'bar' : chart.kind
  return (
    <div className="p-4 sm:p-5" data-chart="query">
      <div className="mb-4 flex flex-wrap gap-2">
        <Pick
          label="Along"
          value={chart.x!}
          columns={x}
          onPick={(name) => setChosen({ ...chosen, x: name })}
        />
        <Pick
          label="Value"
          value={chart.y[0]!}
          columns={y}
          onPick={(name) => setChosen({ ...chosen, y: [name] })}
        />
        {!isText && (
          <select
            aria-label="Kind of chart"
            className="field"
            value={kind}
            onChange={(event) =>
              setChosen({ ...chosen, kind: event.currentTarget.value === 'bar' ? 'bar' : 'line' })
            }
          >
            <option value="line">Line</option>
            <option value="bar">Columns</option>
          </select>
        )}
      </div>
      <ReportChart
        title="Result"
        answer={answer}
        chart={{ ...chart, kind }}
        limit={BARS}
        height={300}
        drawing={drawing}
      />
    </div>
  )
}

interface PickProps {
  readonly label: string
  readonly value: string
  readonly columns: readonly ReportColumn[]
  readonly onPick: (name: string) => void
}

function Pick({ label, value, columns, onPick }: PickProps) {
  return (
    <label className="inline-flex items-center gap-2 text-sm text-soft">
      {label}
      <select
        className="field max-w-48"
        value={value}
        onChange={(event) => onPick(event.currentTarget.value)}
      >
        {columns.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}
