import type { CfnDashboard } from 'aws-cdk-lib/aws-quicksight'
import type { Report } from '../../src/reports/compile.ts'
import { type ReportColumn, UNITS, type Unit } from '../../src/reports/header.ts'

type Visual = CfnDashboard.VisualProperty
type Dimension = CfnDashboard.DimensionFieldProperty
type Measure = CfnDashboard.MeasureFieldProperty

/** What QuickSight calls the type of a column. */
export function quicksightType(unit: Unit): 'STRING' | 'INTEGER' | 'DECIMAL' | 'DATETIME' {
  const kind = UNITS[unit]
  if (kind === 'whole') return 'INTEGER'
  if (kind === 'date' || kind === 'timestamp') return 'DATETIME'
  if (kind === 'text' || kind === 'boolean') return 'STRING'
  return 'DECIMAL'
}

/** The visual of a report, by the chart that its header names. Tiles and tables are tables: every column, row by row. */
export function visualOf(report: Report): Visual {
  const { kind, x, y, series } = report.chart
  const head = {
    visualId: report.name.replaceAll('_', '-'),
    title: text(report.title),
    subtitle: text(report.question),
  }
  const category = x === undefined ? [] : [dimension(report, x)]
  const values = y.map((name) => measure(report, name))
  const split = series === undefined ? [] : [dimension(report, series)]
  if (category.length === 0 || values.length === 0) return tableOf(report, head)
  switch (kind) {
    case 'line':
      return {
        lineChartVisual: {
          ...head,
          chartConfiguration: {
            fieldWells: { lineChartAggregatedFieldWells: { category, values, colors: split } },
          },
        },
      }
    case 'bar':
      return {
        barChartVisual: {
          ...head,
          chartConfiguration: {
            fieldWells: { barChartAggregatedFieldWells: { category, values, colors: split } },
          },
        },
      }
    case 'funnel':
      return {
        funnelChartVisual: {
          ...head,
          chartConfiguration: {
            fieldWells: {
              funnelChartAggregatedFieldWells: { category, values: values.slice(0, 1) },
            },
          },
        },
      }
    case 'heatmap':
      return {
        heatMapVisual: {
          ...head,
          chartConfiguration: {
            fieldWells: {
              heatMapAggregatedFieldWells: {
                columns: category,
                rows: split,
                values: values.slice(0, 1),
              },
            },
          },
        },
      }
    default:
      return tableOf(report, head)
  }
}

function tableOf(
  report: Report,
  head: { readonly visualId: string; readonly title: object; readonly subtitle: object },
): Visual {
  const values = report.columns.map((column) => ({
    fieldId: fieldId(report, column.name),
    column: identifier(report, column.name),
  }))
  return {
    tableVisual: {
      ...head,
      chartConfiguration: { fieldWells: { tableUnaggregatedFieldWells: { values } } },
    },
  }
}

function text(plainText: string): CfnDashboard.VisualTitleLabelOptionsProperty {
  return { visibility: 'VISIBLE', formatText: { plainText } }
}

function dimension(report: Report, name: string): Dimension {
  const field = { fieldId: fieldId(report, name), column: identifier(report, name) }
  const type = quicksightType(columnOf(report, name).unit)
  if (type === 'DATETIME') return { dateDimensionField: { ...field, dateGranularity: 'DAY' } }
  if (type === 'STRING') return { categoricalDimensionField: field }
  return { numericalDimensionField: field }
}

/** Rows are aggregated already: one value stands under each category, and its sum is the value. */
function measure(report: Report, name: string): Measure {
  const field = { fieldId: `${fieldId(report, name)}.sum`, column: identifier(report, name) }
  return {
    numericalMeasureField: {
      ...field,
      aggregationFunction: { simpleNumericalAggregation: 'SUM' },
    },
  }
}

function fieldId(report: Report, name: string): string {
  return `${report.name}.${name}`
}

function identifier(report: Report, name: string): CfnDashboard.ColumnIdentifierProperty {
  return { dataSetIdentifier: report.name, columnName: name }
}

function columnOf(report: Report, name: string): ReportColumn {
  return report.columns.find((column) => column.name === name)!
}
