import { axisTicks } from './chart-scale.ts'

interface AxisProps {
  readonly top: number
  readonly width: number
  readonly height: number
  readonly label: (value: number) => string
}

/** Lines across the plot with their values, and the ground line. */
export function Axis({ top, width, height, label }: AxisProps) {
  return (
    <>
      {axisTicks(top).map((tick) => {
        const y = height - (tick / top) * height
        return (
          <g key={tick}>
            <line
              x2={width}
              y1={y + 0.5}
              y2={y + 0.5}
              className="stroke-line"
              strokeDasharray="2 4"
            />
            <text x={0} y={y + 13} className="fill-soft text-[11px]">
              {label(tick)}
            </text>
          </g>
        )
      })}
      <line x2={width} y1={height - 0.5} y2={height - 0.5} className="stroke-line" />
    </>
  )
}
