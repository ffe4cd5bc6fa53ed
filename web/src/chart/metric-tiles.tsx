import { formatValue } from '../data/format.ts'
import type { Params } from '../data/report.ts'
import { useReport } from '../data/report.ts'
import {
  type Chart,
  numberOf,
  type ReportAnswer,
  type ReportColumn,
  rowsOf,
  textOf,
} from '../data/report-types.ts'
import { useSession } from '../data/session.tsx'
import { useToday } from '../data/view.ts'
import { ExplainButton } from '../explain/explain-button.tsx'
import { Change } from '../parts/change.tsx'
import { Notice } from '../parts/notice.tsx'
import { Bone } from '../parts/skeleton.tsx'
import { type TimeSeries, timeSeriesOf } from './series.ts'
import { Spark } from './spark.tsx'

interface MetricTilesProps {
  /** A report of one row. */
  readonly report: string
  readonly params?: Params
  /** Which of its columns; those of its chart if missing. */
  readonly columns?: readonly string[]
  /** Reports over time whose columns of the same names are the sparklines. */
  readonly courses?: readonly string[]
}

/** The numbers of a report of one row, each with its change and its course. */
export function MetricTiles({ report, params, columns, courses = [] }: MetricTilesProps) {
  const { reports } = useSession()
  const answer = useReport(report, params)
  const info = reports.get(report)!
  const shown = (columns ?? info.chart.y).map(
    (name) => info.columns.find((one) => one.name === name)!,
  )
  if (answer.isError && !answer.data) {
    return (
      <Notice
        title={`${info.title} cannot be read`}
        text={answer.error.message}
        onRetry={() => void answer.refetch()}
      />
    )
  }
  return (
    <section aria-label={info.title} className="tiles" data-busy={answer.isPlaceholderData}>
      {shown.map((column) => (
        <MetricTile
          key={column.name}
          report={report}
          params={params}
          column={column}
          answer={answer.data}
          course={courses.find((name) =>
            reports.get(name)?.columns.some((one) => one.name === column.name),
          )}
        />
      ))}
    </section>
  )
}

interface MetricTileProps {
  readonly report: string
  readonly params: Params | undefined
  readonly column: ReportColumn
  readonly answer: ReportAnswer | undefined
  readonly course: string | undefined
}

function MetricTile({ report, params, column, answer, course }: MetricTileProps) {
  const { server } = useSession()
  const value = answer && rowsOf(answer)[0]?.[column.name]
  const before = answer?.before && rowsOf(answer.before)[0]?.[column.name]
  return (
    <div className="group relative min-w-0 bg-surface p-4 lg:px-5" data-tile={column.name}>
      <h2 className="text-[0.8125rem] text-soft">
        {column.label}
        <ExplainButton report={report} column={column} params={params} />
      </h2>
      {answer ? (
        <>
          <p className="mt-0.5 flex flex-wrap items-baseline gap-x-2">
            <data
              value={textOf(value)}
              className="truncate text-2xl font-semibold tracking-tight tabular-nums"
            >
              {formatValue(column, value, server.shop, 'round')}
            </data>
            <Change now={numberOf(value)} before={numberOf(before)} metric={column.metric} />
          </p>
          {answer.before && (
            <p className="h-4 truncate text-xs text-soft">
              {Boolean(numberOf(before)) &&
                `${formatValue(column, before, server.shop, 'round')} before`}
            </p>
          )}
        </>
      ) : (
        <>
          <Bone className="mt-1.5 h-7 w-24" />
          <Bone className="mt-2 h-3.5 w-20" />
        </>
      )}
      {course && (
        <Course
          report={course}
          column={column.name}
          params={params}
          isNext={answer !== undefined}
        />
      )}
    </div>
  )
}

interface CourseProps {
  readonly report: string
  readonly column: string
  readonly params: Params | undefined
  /** Whether the numbers themselves are there: they go first. */
  readonly isNext: boolean
}

function Course({ report, column, params, isNext }: CourseProps) {
  const today = useToday()
  const answer = useReport(report, params, { enabled: isNext })
  if (!answer.data) return <div className="mt-2 h-7" data-waiting="" />
  const chart: Chart = { ...answer.data.report.chart, y: [column] }
  const data: TimeSeries = timeSeriesOf(answer.data, chart, today)
  return (
    <div className="mt-2">
      <Spark values={data.series[0]!.values} isRunning={data.isRunning} />
    </div>
  )
}
