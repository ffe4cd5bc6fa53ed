import { formatValue } from '../data/format.ts'
import { type Chart, numberOf, type ReportAnswer, rowsOf, textOf } from '../data/report-types.ts'
import { useSession } from '../data/session.tsx'
import { Change } from '../parts/change.tsx'

/** The numbers of a single row, side by side within a card. */
export function AnswerTiles({
  answer,
  chart,
}: {
  readonly answer: ReportAnswer
  readonly chart: Chart
}) {
  const { server } = useSession()
  const row = rowsOf(answer)[0] ?? {}
  const before = answer.before && rowsOf(answer.before)[0]
  return (
    <dl className="grid grid-cols-2 gap-4 sm:grid-cols-3">
      {chart.y.map((name) => {
        const column = answer.columns.find((one) => one.name === name)!
        return (
          <div key={name} className="min-w-0">
            <dt className="text-xs text-soft">{column.label}</dt>
            <dd className="flex flex-wrap items-baseline gap-x-2">
              <data value={textOf(row[name])} className="text-xl font-semibold tabular-nums">
                {formatValue(column, row[name], server.shop, 'round')}
              </data>
              <Change
                now={numberOf(row[name])}
                before={numberOf(before?.[name])}
                metric={column.metric}
              />
            </dd>
          </div>
        )
      })}
    </dl>
  )
}
