import { type ReactNode, useId } from 'react'
import { ChartPlot } from './chart-plot.tsx'
import type { Scale } from './chart-scale.ts'
import { ChartTable, type Column } from './chart-table.tsx'

interface ChartFigureProps<Row> {
  readonly name: string
  readonly title: string
  /** What a glance should take away, in words. */
  readonly sentence: string
  /** Between title and sentence. */
  readonly headline?: ReactNode
  readonly legend: ReactNode
  /** One for each place on the x axis, from left to right. */
  readonly rows: readonly Row[]
  readonly columns: readonly Column<Row>[]
  /** A row in one line, shown and spoken under the cursor. */
  readonly read: (row: Row) => string
  readonly scale: Scale
  /** The marks, for a plot of that many pixels; as SVG. */
  readonly draw: (width: number, height: number) => ReactNode
  /** Labels under the plot, spread from edge to edge. */
  readonly ends: readonly string[]
  readonly height: number
}

/**
 * A chart that everybody can read: a sentence says what it shows, the arrow keys and the finger move a cursor whose value is
 * shown in one place and spoken, and the same numbers stand in a table.
 */
export function ChartFigure<Row>(props: ChartFigureProps<Row>) {
  const { name, title, sentence, headline, columns, rows } = props
  const id = useId()
  return (
    <figure
      className="card flex min-w-0 flex-col p-4 sm:p-5"
      data-chart={name}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-sentence`}
    >
      <figcaption>
        <h2 id={`${id}-title`} className="font-semibold">
          {title}
        </h2>
        {headline}
        <p id={`${id}-sentence`} className="mt-1 text-sm text-soft">
          {sentence}
        </p>
      </figcaption>
      <ChartPlot {...props} />
      <ChartTable title={title} columns={columns} rows={rows} />
    </figure>
  )
}
