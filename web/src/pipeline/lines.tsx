import { type Scale, yOf } from '../live/chart-scale.ts'

export interface Line {
  readonly values: readonly (number | undefined)[]
  readonly color: string
  /** Of SVG; lines differ by more than their colour. */
  readonly dash?: string
}

interface LinesProps {
  readonly lines: readonly Line[]
  readonly scale: Scale
  readonly width: number
  readonly height: number
}

/** Lines over places along the x axis; nothing is drawn where nothing is known, and what stands alone is a dot. */
export function Lines({ lines, scale, width, height }: LinesProps) {
  return lines.map(({ values, color, dash }) => (
    <g key={color} stroke={color} fill={color}>
      {stretchesOf(values, scale, width, height).map((points) =>
        points.length === 1 ? (
          <circle
            key={points[0]!.join()}
            cx={points[0]![0]}
            cy={points[0]![1]}
            r={2}
            stroke="none"
          />
        ) : (
          <polyline
            key={points[0]!.join()}
            points={points.map((point) => point.join()).join(' ')}
            fill="none"
            strokeWidth={1.75}
            strokeLinejoin="round"
            {...(dash ? { strokeDasharray: dash } : {})}
          />
        ),
      )}
    </g>
  ))
}

function stretchesOf(
  values: Line['values'],
  scale: Scale,
  width: number,
  height: number,
): [number, number][][] {
  const step = width / values.length
  const stretches: [number, number][][] = []
  let open: [number, number][] = []
  for (const [place, value] of values.entries()) {
    if (value === undefined) open = []
    else {
      if (open.length === 0) stretches.push(open)
      open.push([round((place + 0.5) * step), round(yOf(scale, value, height))])
    }
  }
  return stretches
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
