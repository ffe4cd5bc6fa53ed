import { type RefObject, useMemo } from 'react'
import { type Chart, isOverTime, type ReportAnswer, rowsOf } from '../data/report-types.ts'
import { useToday } from '../data/view.ts'
import { AnswerTiles } from './answer-tiles.tsx'
import { BarList } from './bar-list.tsx'
import { DataTable } from './data-table.tsx'
import type { Drawing } from './engine.ts'
import { Funnel } from './funnel.tsx'
import { HeatGrid } from './heat-grid.tsx'
import { Scatter } from './scatter.tsx'
import { timeSeriesOf } from './series.ts'
import { TimeChart } from './time-chart.tsx'

export interface ReportChartProps {
  readonly title: string
  readonly answer: ReportAnswer
  readonly chart: Chart
  readonly columns?: readonly string[] | undefined
  readonly hideEmpty?: boolean | undefined
  readonly limit: number
  readonly height: number
  readonly drawing: RefObject<Drawing | undefined>
}

/** The drawing that a header asks for. */
export function ReportChart(props: ReportChartProps) {
  const { title, answer, chart, columns, limit } = props
  if (isOverTime(answer.columns, chart)) return <OverTime {...props} />
  if (chart.kind === 'bar') return <BarList answer={answer} chart={chart} limit={limit} />
  if (chart.kind === 'funnel') return <Funnel answer={answer} chart={chart} />
  if (chart.kind === 'heatmap') return <HeatGrid answer={answer} chart={chart} />
  if (chart.kind === 'scatter') return <Scatter {...props} />
  if (chart.kind === 'tiles') return <AnswerTiles answer={answer} chart={chart} />
  const shown = columns
    ? columns.flatMap((name) => answer.columns.find((one) => one.name === name) ?? [])
    : answer.columns
  const rows = rowsOf(answer)
  const filled = props.hideEmpty
    ? shown.filter(({ name }) => rows.some((row) => row[name] !== null && row[name] !== 0))
    : shown
  return <DataTable title={title} columns={filled} rows={rows} limit={limit} cards />
}

function OverTime({ title, answer, chart, height, drawing }: ReportChartProps) {
  const today = useToday()
  const data = useMemo(() => timeSeriesOf(answer, chart, today), [answer, chart, today])
  const kind = chart.kind === 'bar' ? 'bar' : 'line'
  return <TimeChart title={title} kind={kind} data={data} height={height} drawing={drawing} />
}
