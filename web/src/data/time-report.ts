import { grainOf } from './period.ts'
import { useView } from './view.ts'

/** The report of sales over time that suits the days of the view: hours for a day or two, else days, weeks or months. */
export function useSalesReport(): { readonly name: string } {
  const isHours = grainOf(useView()) === 'hour'
  return { name: isHours ? 'sales_by_hour' : 'sales_over_time' }
}
