import { formatCount, formatCountShort, formatNoun } from '../data/format.ts'
import { useSession } from '../data/session.tsx'
import { ChartFigure } from '../live/chart-figure.tsx'
import { axisTop, type Scale, yOf } from '../live/chart-scale.ts'
import { Bone } from '../parts/skeleton.tsx'
import { type LedgerAnswer, useLedger } from './ledger-data.ts'

interface Stretch {
  /** On the shop's clock. */
  readonly label: string
  readonly accepted: number
  readonly duplicate: number
  readonly rejected: number
}

const HEIGHT = 150
/** In the order in which they are piled up. */
const LAYERS = [
  { name: 'accepted', word: 'accepted', color: 'var(--series-1)' },
  { name: 'duplicate', word: 'duplicates', color: 'var(--series-6)' },
  { name: 'rejected', word: 'rejected', color: 'var(--bad)' },
] as const

/** How many events came when, by verdict. */
export function Course() {
  const { server } = useSession()
  const ledger = useLedger()
  if (!ledger.data) return ledger.isError ? null : <Bone className="h-64 w-full" />
  const stretches = stretchesOf(ledger.data, server.shop.time_zone)
  return <CourseChart stretches={stretches} isDaily={ledger.data.grain_minutes >= 1440} />
}

interface CourseChartProps {
  readonly stretches: readonly Stretch[]
  readonly isDaily: boolean
}

function CourseChart({ stretches, isDaily }: CourseChartProps) {
  const totals = stretches.map(
    ({ accepted, duplicate, rejected }) => accepted + duplicate + rejected,
  )
  const all = totals.reduce((sum, one) => sum + one, 0)
  const scale = { top: axisTop(Math.max(0, ...totals)), text: formatCountShort, room: 2 }
  const busiest = stretches[totals.indexOf(Math.max(...totals))]
  const column = (name: (typeof LAYERS)[number]['name'], title: string) => ({
    title,
    value: (one: Stretch) => one[name],
    text: (count: number | string) => formatCount(Number(count)),
  })
  return (
    <ChartFigure
      name="received"
      title="When they came"
      sentence={
        all === 0
          ? 'Nothing was received in these days.'
          : `${formatNoun(all, 'event')} received; the most ${isDaily ? 'on' : 'at'} ${busiest!.label}.`
      }
      legend={<Legend />}
      rows={stretches}
      columns={[
        { title: isDaily ? 'Day' : 'Hour', value: (one) => one.label, text: String },
        column('accepted', 'Accepted'),
        column('duplicate', 'Duplicates'),
        column('rejected', 'Rejected'),
      ]}
      read={(one) =>
        `${one.label} · ${formatCount(one.accepted)} accepted · ${formatNoun(one.duplicate, 'duplicate')} · ${formatCount(one.rejected)} rejected`
      }
      scale={scale}
      draw={(width, height) => (
        <Piles stretches={stretches} scale={scale} width={width} height={height} />
      )}
      ends={[stretches[0]!.label, stretches.length > 1 ? stretches.at(-1)!.label : '']}
      height={HEIGHT}
    />
  )
}

function Legend() {
  return LAYERS.map(({ name, word, color }) => (
    <span key={name} className="inline-flex items-center gap-1.5">
      <span
        aria-hidden="true"
        className="swatch size-2 rounded-full"
        style={{ background: color }}
      />
      {word}
    </span>
  ))
}

interface PilesProps {
  readonly stretches: readonly Stretch[]
  readonly scale: Scale
  readonly width: number
  readonly height: number
}

const THINNEST_PX = 2

/** What is there at all is seen: a layer is never thinner than two pixels. */
function Piles({ stretches, scale, width, height }: PilesProps) {
  const step = width / stretches.length
  return stretches.map((stretch, place) => {
    let y = height
    return (
      <g key={stretch.label} transform={`translate(${place * step} 0)`}>
        {LAYERS.map(({ name, color }) => {
          if (stretch[name] === 0) return null
          const size = Math.max(THINNEST_PX, height - yOf(scale, stretch[name], height))
          y -= size
          return (
            <rect
              key={name}
              x={step * 0.1}
              y={y}
              width={Math.max(1, Math.min(step * 0.8, 48))}
              height={size}
              fill={color}
            />
          )
        })}
      </g>
    )
  })
}

/** Every stretch from the first to the last of the answer, also those in which nothing came. */
function stretchesOf(answer: LedgerAnswer, zone: string): Stretch[] {
  const step = answer.grain_minutes * 60_000
  const counts = new Map<number, { accepted: number; duplicate: number; rejected: number }>()
  for (const row of answer.rows) {
    const at = Date.parse(row.minute)
    const start = at - (at % step)
    const sum = counts.get(start) ?? { accepted: 0, duplicate: 0, rejected: 0 }
    sum.accepted += row.accepted
    sum.duplicate += row.duplicate
    sum.rejected += row.rejected
    counts.set(start, sum)
  }
  const first = Date.parse(answer.from)
  const end = Math.min(Date.parse(answer.to), Date.now())
  const length = Math.max(1, Math.ceil((end - first) / step))
  return Array.from({ length }, (_, place) => {
    const at = first + place * step
    const sum = counts.get(at - (at % step)) ?? { accepted: 0, duplicate: 0, rejected: 0 }
    return { label: labelOf(at, answer, zone), ...sum }
  })
}

/** Stretches of days are those of UTC, as the ledger keeps them. */
function labelOf(at: number, { grain_minutes, from }: LedgerAnswer, zone: string): string {
  const isDaily = grain_minutes >= 1440
  const isOld = Date.now() - Date.parse(from) > 300 * 86_400_000
  const format = new Intl.DateTimeFormat(undefined, {
    day: 'numeric',
    month: 'short',
    timeZone: isDaily ? 'UTC' : zone,
    ...(isOld ? ({ year: 'numeric' } as const) : {}),
    ...(isDaily ? {} : ({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const)),
  })
  return format.format(at)
}
