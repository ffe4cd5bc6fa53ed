import { formatCount } from '../data/format.ts'
import { metricOf } from '../data/metrics.ts'

interface ChangeProps {
  readonly now: number | undefined
  readonly before: number | undefined
  /** Name of the metric, which knows whether less of it is better. */
  readonly metric?: string | undefined
}

const MOST_PERCENT = 999

/** How a number stands beside the one before: a sign, a word for those who hear it, and a colour. Nothing where there was none. */
export function Change({ now, before, metric }: ChangeProps) {
  if (now === undefined || before === undefined || before === 0) return null
  const share = (now - before) / Math.abs(before)
  const percent = Math.round(Math.abs(share) * 100)
  if (percent === 0) {
    return (
      <span className="text-xs whitespace-nowrap text-soft">
        <span className="sr-only">no change, </span>0%
      </span>
    )
  }
  const isUp = share > 0
  const isGood = isUp !== (metricOf(metric)?.lower_is_better ?? false)
  const text = percent > MOST_PERCENT ? `>${MOST_PERCENT}%` : `${formatCount(percent)}%`
  return (
    <span
      className={`text-xs font-medium whitespace-nowrap tabular-nums ${isGood ? 'text-good' : 'text-bad'}`}
    >
      <span aria-hidden="true" className="mr-0.5 text-[0.625rem]">
        {isUp ? '▲' : '▼'}
      </span>
      <span className="sr-only">{isUp ? 'up by ' : 'down by '}</span>
      {text}
    </span>
  )
}
