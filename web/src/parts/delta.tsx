import { formatCount } from '../data/format.ts'

interface DeltaProps {
  readonly now: number
  readonly before: number
  /** How a difference is written where a percentage of so few would mislead. */
  readonly few?: { readonly below: number; readonly text: (difference: number) => string }
}

const MOST_PERCENT = 999

/** How a number stands beside the one of before: a sign, a word for those who hear it, and a colour. Nothing where there is no before. */
export function Delta({ now, before, few }: DeltaProps) {
  if (before <= 0) return null
  const difference = now - before
  const text = textOf(difference, before, few)
  if (text === undefined) return <span className="chip text-soft">as yesterday</span>
  const isUp = difference > 0
  return (
    <span className={`chip ${isUp ? 'chip-good' : 'chip-bad'}`}>
      <span aria-hidden="true" className="mr-1 text-[0.6rem]">
        {isUp ? '▲' : '▼'}
      </span>
      <span className="sr-only">{isUp ? 'up by ' : 'down by '}</span>
      {text}
    </span>
  )
}

function textOf(difference: number, before: number, few: DeltaProps['few']): string | undefined {
  const size = Math.abs(difference)
  if (few && before < few.below) return size === 0 ? undefined : few.text(size)
  const percent = Math.round((size / before) * 100)
  if (percent === 0) return undefined
  return percent > MOST_PERCENT ? `over ${MOST_PERCENT}%` : `${formatCount(percent)}%`
}
