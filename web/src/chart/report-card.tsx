import type { UseQueryResult } from '@tanstack/react-query'
import { type ReactNode, type RefObject, useId, useRef, useState } from 'react'
import { formatCount } from '../data/format.ts'
import { mostRows, type Params, useReport } from '../data/report.ts'
import type { Chart, ReportAnswer, ReportInfo } from '../data/report-types.ts'
import { isCut, rowsOf } from '../data/report-types.ts'
import { useSession } from '../data/session.tsx'
import { FILTERS, useToday } from '../data/view.ts'
import { Notice } from '../parts/notice.tsx'
import { Bone } from '../parts/skeleton.tsx'
import { StaleNote } from '../parts/stale-note.tsx'
import { useNear } from '../parts/use-near.ts'
import { CardMenu } from './card-menu.tsx'
import { DataTable } from './data-table.tsx'
import type { Drawing } from './engine.ts'
import { NothingHere } from './nothing-here.tsx'
import { ReportChart } from './report-chart.tsx'
import { sentenceOf } from './sentence.ts'
import { UnfilteredNote } from './unfiltered-note.tsx'

export interface ReportCardProps {
  /** The report's file name. */
  readonly name: string
  /** Where its own title is too general for the page. */
  readonly title?: string
  readonly params?: Params
  /** Other columns or another kind than the header says. */
  readonly chart?: Partial<Chart>
  /** Columns of a table; all if missing. */
  readonly columns?: readonly string[]
  /** Most bars or rows shown at first. */
  readonly limit?: number
  readonly height?: number
  /** Beside the title: a way to change what is shown. */
  readonly aside?: ReactNode
  /** In place of "nothing in these days". */
  readonly empty?: string
  readonly compare?: boolean
  /** Draws the answer in a way that its header does not know. */
  readonly draw?: (answer: ReportAnswer) => ReactNode
  readonly className?: string
  /** Leaves columns out of a table that hold nothing or 0 in every row, such as visits where there are none. */
  readonly hideEmpty?: boolean
  /** Asks for every row that the report gives. */
  readonly whole?: boolean
}

/** Any report as a card: its chart from its header, a sentence, the same numbers as a table, and what one can do with them. */
export function ReportCard(props: ReportCardProps) {
  const { name, compare = true, className = '' } = props
  const info = useSession().reports.get(name)
  const element = useRef<HTMLElement>(null)
  const drawing = useRef<Drawing>(undefined)
  const isNear = useNear(element)
  const params = props.whole && info ? { ...props.params, ...mostRows(info) } : props.params
  const answer = useReport(name, params, { enabled: isNear, compare })
  const [isTable, setTable] = useState(false)
  const [told, setTold] = useState<string>()
  const id = useId()
  if (!info) return <Notice title={`There is no report "${name}"`} text="Its file is missing." />
  const chart = { ...info.chart, ...props.chart }
  const title = props.title ?? info.title
  return (
    <figure
      ref={element}
      className={`card m-0 flex min-w-0 flex-col p-4 sm:p-5 ${className}`}
      data-chart={name}
      data-kind={chart.kind}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-sentence`}
    >
      <figcaption className="mb-3">
        <div className="flex min-h-7 items-start gap-2">
          <h2 id={`${id}-title`} className="min-w-0 flex-1 pt-0.5 font-semibold">
            {title}
          </h2>
          {props.aside}
          <CardMenu
            info={info}
            chart={chart}
            params={params}
            drawing={drawing}
            isTable={isTable}
            onTable={chart.kind === 'table' ? undefined : () => setTable(!isTable)}
            onTell={setTold}
          />
        </div>
        {told && (
          <p role="alert" className="text-xs text-bad">
            {told}
          </p>
        )}
        <UnfilteredNote info={info} params={params} />
        <Sentence
          id={`${id}-sentence`}
          answer={answer.data}
          chart={chart}
          question={info.question}
        />
      </figcaption>
      <StaleNote answer={answer} className="mb-2" />
      <Body
        {...props}
        info={info}
        chart={chart}
        title={title}
        answer={answer}
        drawing={drawing}
        isTable={isTable}
      />
    </figure>
  )
}

interface BodyProps extends ReportCardProps {
  readonly info: ReportInfo
  readonly chart: Chart
  readonly title: string
  readonly answer: UseQueryResult<ReportAnswer>
  readonly drawing: RefObject<Drawing | undefined>
  /** Whether the numbers stand below the drawing. */
  readonly isTable: boolean
}

/** What a card shows: its drawing, or why there is none. */
function Body({ limit = 8, height = 220, ...props }: BodyProps) {
  const { info, chart, title, answer, isTable } = props
  if (answer.isError && !answer.data) {
    return (
      <Notice
        title={`${title} cannot be read`}
        error={answer.error}
        onRetry={() => void answer.refetch()}
      />
    )
  }
  if (!answer.data) {
    return (
      <div role="status" aria-label="Loading">
        <Bone className="w-full" style={{ height }} />
      </div>
    )
  }
  if (isEmpty(answer.data, chart)) return <NothingHere info={info} text={props.empty} />
  if (isNameless(answer.data, chart)) {
    return <NothingHere info={info} text={namelessText(answer.data, chart)} />
  }
  return (
    <div data-busy={answer.isPlaceholderData}>
      {props.draw ? (
        props.draw(answer.data)
      ) : (
        <ReportChart
          title={title}
          answer={answer.data}
          chart={chart}
          columns={props.columns}
          hideEmpty={props.hideEmpty}
          limit={limit}
          height={height}
          drawing={props.drawing}
        />
      )}
      {isTable && <Numbers title={title} answer={answer.data} />}
      {(isTable || chart.kind === 'table') && isCut(answer.data) && (
        <p className="mt-2 text-xs text-soft" data-cut="">
          The first {formatCount(answer.data.rows.length)} rows; there may be more.
        </p>
      )}
    </div>
  )
}

interface SentenceProps {
  readonly id: string
  readonly answer: ReportAnswer | undefined
  readonly chart: Chart
  readonly question: string
}

function Sentence({ id, answer, chart, question }: SentenceProps) {
  const { server } = useSession()
  const today = useToday()
  return (
    <p id={id} className="text-[0.8125rem] text-soft">
      {answer && !isEmpty(answer, chart) && !isNameless(answer, chart)
        ? sentenceOf(answer, chart, server.shop, today)
        : question}
    </p>
  )
}

/** Every number of the answer, as the API gave it. */
function Numbers({ title, answer }: { readonly title: string; readonly answer: ReportAnswer }) {
  return (
    <div className="mt-4 border-t border-line pt-2" data-table="">
      <DataTable title={title} columns={answer.columns} rows={rowsOf(answer)} limit={100} />
    </div>
  )
}

/** Bars of nothing but what has no country or category: one bar of all that says nothing. Of a reason or a kind it does. */
function isNameless(answer: ReportAnswer, { kind, x }: Chart): boolean {
  const isFilter = FILTERS.some((name) => name === x)
  return kind === 'bar' && isFilter && rowsOf(answer).every((row) => row[x!] === '(none)')
}

function namelessText({ columns }: ReportAnswer, { x }: Chart): string {
  const label = columns.find(({ name }) => name === x)?.label.toLowerCase() ?? 'name'
  return `Nothing that was sold in these days has a ${label}.`
}

/** No rows, or a time series of nothing but zeros and gaps. */
function isEmpty(answer: ReportAnswer, chart: Chart): boolean {
  if (answer.rows.length === 0) return true
  if (chart.kind === 'table' || chart.kind === 'tiles') return false
  return rowsOf(answer).every((row) => chart.y.every((name) => Number(row[name] ?? 0) === 0))
}
