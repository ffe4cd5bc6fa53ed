import { BarChart, LineChart, ScatterChart } from 'echarts/charts'
import { GridComponent, MarkLineComponent } from 'echarts/components'
import { type EChartsCoreOption, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([BarChart, LineChart, ScatterChart, GridComponent, MarkLineComponent, SVGRenderer])

export type Option = EChartsCoreOption

/** One drawing on the page. */
export interface Drawing {
  draw(option: Option): void
  resize(): void
  /** The drawing as an SVG document. */
  svg(): string
  dispose(): void
}

/** Draws into an element of a known size. Cursor, tooltip, legend and table are the page's own. */
export function openDrawing(element: HTMLElement): Drawing {
  const chart = init(element, undefined, { renderer: 'svg' })
  return {
    draw: (option) => chart.setOption({ animation: false, ...option }, { notMerge: true }),
    resize: () => chart.resize(),
    svg: () => chart.renderToSVGString(),
    dispose: () => chart.dispose(),
  }
}
