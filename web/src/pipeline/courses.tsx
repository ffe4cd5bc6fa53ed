import { formatCount, formatCountShort, formatNumber } from '../data/format.ts'
import { useSession } from '../data/session.tsx'
import { ChartFigure } from '../live/chart-figure.tsx'
import { axisTop } from '../live/chart-scale.ts'
import type { Column } from '../live/chart-table.tsx'
import { msOf } from './flow.tsx'
import { type Line, Lines } from './lines.tsx'
import { type Minute, minutesOf, type PipelineState } from './pipeline-data.ts'

interface SeriesOf {
  readonly word: string
  readonly color: string
  readonly dash?: string
  readonly value: (minute: Minute) => number | undefined
}

const RATES: readonly SeriesOf[] = [
  { word: 'accepted', color: 'var(--series-1)', value: known((minute) => minute.accepted) },
  {
    word: 'duplicates',
    color: 'var(--series-6)',
    dash: '2 3',
    value: known((minute) => minute.duplicate),
  },
  { word: 'rejected', color: 'var(--bad)', dash: '6 3', value: known((minute) => minute.rejected) },
]

const LATENCIES: readonly SeriesOf[] = [
  { word: 'p50', color: 'var(--series-1)', value: ({ p50 }) => p50 },
  { word: 'p95', color: 'var(--series-3)', dash: '6 3', value: ({ p95 }) => p95 },
  { word: 'p99', color: 'var(--series-4)', dash: '2 3', value: ({ p99 }) => p99 },
]

const LAGS: readonly SeriesOf[] = [
  { word: 'store', color: 'var(--series-2)', value: ({ storeLag }) => storeLag },
  { word: 'lake files', color: 'var(--series-3)', dash: '6 3', value: ({ lakeLag }) => lakeLag },
]

function known(value: (minute: Minute) => number): SeriesOf['value'] {
  return (minute) => (minute.isKnown ? value(minute) : undefined)
}

/** The last hour: what came, how long the answer took, how far the consumers were behind. */
export function Courses({ state }: { readonly state: PipelineState }) {
  const { server } = useSession()
  const minutes = minutesOf(state, server.shop.time_zone)
  const slowest = Math.max(0, ...minutes.map(({ p99 }) => p99 ?? 0))
  const busiest = Math.max(0, ...minutes.map(({ accepted }) => accepted))
  const furthest = Math.max(0, ...minutes.map(({ storeLag }) => storeLag ?? 0))
  return (
    <div className="grid grid-cols-1 gap-4 lg:grid-cols-2 xl:grid-cols-3">
      <Course
        name="throughput"
        title="Events a second"
        sentence={`Up to ${formatNumber(busiest)} accepted a second, as the mean of a minute.`}
        series={RATES}
        minutes={minutes}
        write={(value) => `${formatNumber(value)}/s`}
      />
      <Course
        name="latency"
        title="Until an event is durable"
        sentence={
          slowest === 0
            ? 'No event came within the hour.'
            : `The answer to a request of events; of each minute the slowest ten seconds. p99 up to ${msOf(slowest)}.`
        }
        series={LATENCIES}
        minutes={minutes}
        write={msOf}
        axis={msOf}
      />
      <Course
        name="lag"
        title="Records behind"
        sentence={`The store was at most ${formatCount(furthest)} records behind. Files are written every minute or so; SQL sees rows before.`}
        series={LAGS}
        minutes={minutes}
        write={formatCountShort}
      />
    </div>
  )
}

interface CourseProps {
  readonly name: string
  readonly title: string
  readonly sentence: string
  readonly series: readonly SeriesOf[]
  readonly minutes: readonly Minute[]
  readonly write: (value: number) => string
  /** Along the axis, where that is another way than by count. */
  readonly axis?: (value: number) => string
}

const HEIGHT = 140

function Course(props: CourseProps) {
  const { name, title, sentence, series, minutes, write, axis = formatCountShort } = props
  const lines = series.map(
    ({ color, dash, value }): Line => ({
      color,
      values: minutes.map(value),
      ...(dash ? { dash } : {}),
    }),
  )
  const top = axisTop(Math.max(0, ...lines.flatMap(({ values }) => values.map((one) => one ?? 0))))
  const scale = { top, text: axis, room: 4 }
  const columns: Column<Minute>[] = [
    { title: 'Minute', value: ({ time }) => time, text: String },
    ...series.map(({ word, value }) => ({
      title: word,
      value,
      text: (one: number | string) => write(Number(one)),
    })),
  ]
  const read = (minute: Minute) => {
    const told = series.flatMap(({ word, value }) => {
      const one = value(minute)
      return one === undefined ? [] : [`${word} ${write(one)}`]
    })
    return [minute.time, ...(told.length === 0 ? ['not known'] : told)].join(' · ')
  }
  return (
    <ChartFigure
      name={name}
      title={title}
      sentence={sentence}
      legend={<Legend series={series} />}
      rows={minutes}
      columns={columns}
      read={read}
      scale={scale}
      draw={(width, height) => <Lines lines={lines} scale={scale} width={width} height={height} />}
      ends={[minutes[0]!.time, minutes[minutes.length / 2]!.time, 'now']}
      height={HEIGHT}
    />
  )
}

function Legend({ series }: { readonly series: readonly SeriesOf[] }) {
  return series.map(({ word, color, dash }) => (
    <span key={word} className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <svg width={18} height={6} aria-hidden="true" className="swatch">
        <line
          x2={18}
          y1={3}
          y2={3}
          stroke={color}
          strokeWidth={2}
          {...(dash ? { strokeDasharray: dash } : {})}
        />
      </svg>
      {word}
    </span>
  ))
}
