import { formatCount, formatRatio, formatText } from '../data/format.ts'
import { type Chart, numberOf, type ReportAnswer, rowsOf } from '../data/report-types.ts'
import { Change } from '../parts/change.tsx'
import { moveByArrows } from '../parts/use-arrows.ts'

interface FunnelProps {
  readonly answer: ReportAnswer
  readonly chart: Chart
}

/** Steps side by side, each as high as the share that reached it, with what was lost between. */
export function Funnel({ answer, chart }: FunnelProps) {
  const [y] = chart.y
  const rows = rowsOf(answer)
  const before = answer.before ? rowsOf(answer.before) : undefined
  const counts = rows.map((row) => numberOf(row[y!]) ?? 0)
  const most = counts[0] ?? 0
  return (
    <ol className="grid gap-2 sm:auto-cols-fr sm:grid-flow-col sm:gap-3" onKeyDown={moveByArrows}>
      {rows.map((row, place) => {
        const count = counts[place]!
        const previous = counts[place - 1]
        const share = most === 0 ? 0 : count / most
        return (
          <li
            key={formatText(chart.x!, row[chart.x!])}
            data-cell={`0,${place}`}
            tabIndex={place === 0 ? 0 : -1}
            className="flex min-w-0 flex-col rounded-md"
          >
            <p className="text-sm font-medium sm:truncate">{formatText(chart.x!, row[chart.x!])}</p>
            <p className="flex flex-wrap items-baseline gap-x-2">
              <data value={count} className="text-lg font-semibold tabular-nums">
                {formatCount(count)}
              </data>
              <Change now={count} before={before && numberOf(before[place]?.[y!])} />
            </p>
            <div className="mt-1 flex h-3 rounded-sm bg-ground sm:mt-3 sm:h-36 sm:items-end">
              <div
                className="swatch funnel-bar"
                style={{ '--share': `${Math.max(share * 100, 0.75)}%` } as React.CSSProperties}
              />
            </div>
            <p className="mt-1.5 text-xs text-soft tabular-nums">
              {place === 0 ? 'all visits' : `${formatRatio(share)} of all`}
            </p>
            {previous !== undefined && previous > 0 && (
              <p className="text-xs text-soft tabular-nums">
                {formatRatio(1 - count / previous)} left before this
              </p>
            )}
          </li>
        )
      })}
    </ol>
  )
}
