import { formatDayShort, formatValue } from '../data/format.ts'
import { metricOf } from '../data/metrics.ts'
import type { Params } from '../data/report.ts'
import { useReport, waitsForToday } from '../data/report.ts'
import {
  type Chart,
  numberOf,
  type ReportAnswer,
  type ReportColumn,
  rowsOf,
  textOf,
} from '../data/report-types.ts'
import { useSession } from '../data/session.tsx'
import { useToday, useView } from '../data/view.ts'
import { ExplainButton } from '../explain/explain-button.tsx'
import { Change } from '../parts/change.tsx'
import { Notice } from '../parts/notice.tsx'
import { Bone } from '../parts/skeleton.tsx'
import { StaleNote } from '../parts/stale-note.tsx'
import { type TimeSeries, timeSeriesOf } from './series.ts'
import { Spark } from './spark.tsx'
import { UnfilteredNote } from './unfiltered-note.tsx'

interface ReportTilesProps {
  /** A report of one row. */
  readonly report: string
  readonly params?: Params
  /** Which of its columns; those of its chart if missing. */
  readonly columns?: readonly string[]
  /** Reports over time whose columns of the same names are the sparklines. */
  readonly courses?: readonly string[]
}

/** The numbers of a report of one row, each with its change and its course. */
export function MetricTiles(props: ReportTilesProps) {
  const info = useSession().reports.get(props.report)!
  return (
    <section aria-label={info.title} className="tiles">
      <ReportTiles {...props} />
    </section>
  )
}

/** The same within a section that holds those of several reports. */
export function ReportTiles({ report, params, columns, courses = [] }: ReportTilesProps) {
  const { reports } = useSession()
  const answer = useReport(report, params)
  const info = reports.get(report)!
  const shown = (columns ?? info.chart.y).map(
    (name) => info.columns.find((one) => one.name === name)!,
  )
  if (answer.isError && !answer.data) {
    return (
      <div className="col-span-full bg-surface p-2">
        <Notice
          title={`${info.title} cannot be read`}
          error={answer.error}
          onRetry={() => void answer.refetch()}
        />
      </div>
    )
  }
  return (
    <>
      {shown.map((column) => (
        <MetricTile
          key={column.name}
          report={report}
          params={params}
          column={column}
          answer={answer.data}
          isOld={answer.isPlaceholderData}
          course={courses.find((name) =>
            reports.get(name)?.columns.some((one) => one.name === column.name),
          )}
        />
      ))}
      <StaleNote answer={answer} className="col-span-full bg-surface px-4 py-2 lg:px-5" />
    </>
  )
}

interface MetricTileProps {
  readonly report: string
  readonly params: Params | undefined
  readonly column: ReportColumn
  readonly answer: ReportAnswer | undefined
  readonly isOld: boolean
  readonly course: string | undefined
}

function MetricTile({ report, params, column, answer, isOld, course }: MetricTileProps) {
  const { server } = useSession()
  const value = answer && rowsOf(answer)[0]?.[column.name]
  return (
    <div
      className="group relative flex min-w-0 flex-col bg-surface p-4 lg:px-5"
      data-tile={column.name}
      data-busy={isOld}
    >
      <h2 className="pr-4 text-[0.8125rem] text-soft">
        {column.label}
        <ExplainButton report={report} column={column} params={params} />
      </h2>
      {answer ? (
        <>
          <p className="mt-0.5 truncate text-2xl font-semibold tracking-tight tabular-nums">
            <data value={textOf(value)}>{formatValue(column, value, server.shop, 'round')}</data>
          </p>
          <Beside column={column} answer={answer} />
          <UnfilteredNote info={answer.report} params={params} />
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

interface BesideProps {
  readonly column: ReportColumn
  readonly answer: ReportAnswer
}

/** Under a number: how it was before, or why there is no number or nothing before. Each its line, also while it is empty. */
function Beside({ column, answer }: BesideProps) {
  const { server } = useSession()
  const now = rowsOf(answer)[0]?.[column.name]
  const before = answer.before && rowsOf(answer.before)[0]?.[column.name]
  const isWaiting = waitsForToday(answer.report, useView())
  const divisor = /÷ (.+)$/.exec(metricOf(column.metric)?.formula ?? '')?.[1]
  return (
    <p className="mt-0.5 flex min-h-4 flex-wrap items-baseline gap-x-1.5 text-xs text-soft tabular-nums">
      {now === null && divisor && `no ${divisor.replaceAll('_', ' ')}`}
      <Change now={numberOf(now)} before={numberOf(before)} metric={column.metric} />
      {Boolean(numberOf(before)) && (
        <span className="truncate">{formatValue(column, before, server.shop, 'round')} before</span>
      )}
      {isWaiting && now !== null && <span>not over yet</span>}
      {answer.begins && now !== null && !isWaiting && (
        <span className="truncate">data from {formatDayShort(answer.begins)}</span>
      )}
    </p>
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
  if (!answer.data) return <div className="mt-auto h-9" data-waiting="" />
  const chart: Chart = { ...answer.data.report.chart, y: [column] }
  const data: TimeSeries = timeSeriesOf(answer.data, chart, today)
  return (
    <div className="mt-auto pt-2">
      <Spark values={data.series[0]!.values} isRunning={data.isRunning} />
    </div>
  )
}
