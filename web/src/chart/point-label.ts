import { formatDayNamed, formatDayShort, formatDays, formatMonth } from '../data/format.ts'
import { bucketEnd, type Grain } from '../data/period.ts'

/** Under the axis: as short as can be. */
export function axisLabel(start: string, grain: Grain): string {
  if (grain === 'hour') return start.slice(11, 16)
  return grain === 'month' ? formatMonth(start) : formatDayShort(start).replace(/, \d{4}$/, '')
}

/** In a tooltip and spoken: which stretch it is. */
export function pointLabel(start: string, grain: Grain): string {
  if (grain === 'hour') return `${formatDayNamed(start)}, ${start.slice(11, 16)}`
  if (grain === 'month') return formatMonth(start)
  return grain === 'week' ? formatDays(start, bucketEnd(start, 'week')) : formatDayNamed(start)
}
