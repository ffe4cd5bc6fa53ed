interface SparkProps {
  readonly values: readonly (number | undefined)[]
  /** Whether the last value may still grow: it is drawn dashed. */
  readonly isRunning: boolean
}

const WIDTH = 120
const HEIGHT = 28

/** The course of a number, without axes: an ornament beside the number itself. */
export function Spark({ values, isRunning }: SparkProps) {
  const known = values.flatMap((value, place) => (value === undefined ? [] : [{ value, place }]))
  if (known.length < 3) return null
  const numbers = known.map(({ value }) => value)
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)]
  if (low === 0 && high === 0) return <div className="h-7" />
  const point = ({ value, place }: { value: number; place: number }) => {
    const x = (place / (values.length - 1)) * WIDTH
    const y = high === low ? HEIGHT / 2 : HEIGHT - 2 - ((value - low) / (high - low)) * (HEIGHT - 4)
    return `${x.toFixed(1)},${y.toFixed(1)}`
  }
  const points = known.map(point)
  const ended = isRunning ? points.slice(0, -1) : points
  return (
    <svg
      aria-hidden="true"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className="h-7 w-full"
    >
      <polyline points={ended.join(' ')} fill="none" className="spark" />
      {isRunning && (
        <polyline
          points={points.slice(-2).join(' ')}
          fill="none"
          className="spark"
          strokeDasharray="2 3"
        />
      )}
    </svg>
  )
}
