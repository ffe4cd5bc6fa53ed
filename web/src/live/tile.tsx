import type { ReactNode } from 'react'

interface TileProps {
  readonly name: string
  readonly label: string
  /** The number as the server told it. */
  readonly value: number | string
  readonly text: string
  readonly note: string
  /** What stands beside the number. */
  readonly aside?: ReactNode
}

/** One number with its name and what it counts; beside a chart, name and number share a line. It blinks softly when it changes. */
export function Tile({ name, label, value, text, note, aside }: TileProps) {
  return (
    <div
      className="card grid min-w-0 content-start gap-x-3 gap-y-1 p-4 lg:grid-cols-[minmax(0,1fr)_auto] lg:content-center lg:px-5"
      data-tile={name}
    >
      <h2 className="text-sm text-soft lg:self-end lg:font-medium lg:text-ink">{label}</h2>
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 lg:row-span-2 lg:flex-nowrap lg:flex-row-reverse lg:self-center">
        <data
          key={text}
          value={value}
          className="tick truncate text-2xl font-semibold tabular-nums"
        >
          {text}
        </data>
        {aside}
      </p>
      <p className="text-xs text-soft lg:self-start">{note}</p>
    </div>
  )
}
