import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type Extent, useExtent } from './extent.ts'
import { type Days, grainOf, isComparable, noLaterThan } from './period.ts'
import { isOverTime, type ReportAnswer, type ReportInfo } from './report-types.ts'
import { type Session, useSession } from './session.tsx'
import { FILTERS, useView, type View } from './view.ts'

/** Parameters that a page sets itself, beside the days and filters of the view; undefined drops one of those. */
export type Params = { readonly [name: string]: string | number | undefined }

export interface Asked {
  /** Not asked while false, such as while it is far below the fold. */
  readonly enabled?: boolean
  /** false: without the stretch before, where it would mean nothing. */
  readonly compare?: boolean
}

const LIVE_REFETCH_MS = 60_000

/**
 * A report over the view: its days, filters and comparison come from the address, as far as the report takes them. What
 * was there stays while the next is fetched. Without the stretch before where that is not whole, or this one is far from
 * it: it would tell of a growth or a fall that was none.
 */
export function useReport(
  name: string,
  params: Params = {},
  { enabled = true, compare = true }: Asked = {},
): UseQueryResult<ReportAnswer> {
  const session = useSession()
  const view = useView()
  const info = session.reports.get(name)
  const query = info ? queryOf(info, view, params, compare) : ''
  const isRunning = view.to >= view.today
  const answer = useQuery({
    queryKey: ['report', name, query],
    queryFn: ({ signal }) => askReport(session, name, query, signal),
    enabled: enabled && info !== undefined,
    placeholderData: keepPreviousData,
    refetchInterval: isRunning ? LIVE_REFETCH_MS : false,
  })
  const extent = useExtent(answer.data?.before !== undefined)
  const data = useMemo(
    () => answer.data && withWholeBefore(answer.data, extent),
    [answer.data, extent],
  )
  return { ...answer, data } as UseQueryResult<ReportAnswer>
}

/** The stretch before stays where the shop's data reaches back to its first day, or nobody knows. */
function withWholeBefore(
  answer: ReportAnswer,
  extent: Extent | 'unknown' | undefined,
): ReportAnswer {
  const { before, ...rest } = answer
  if (!before || extent === 'unknown') return answer
  const first = extent?.first_day
  if (first === undefined) return rest
  return String(before.values.from) >= first ? answer : { ...rest, begins: first }
}

function askReport(
  { api }: Session,
  name: string,
  query: string,
  signal: AbortSignal,
): Promise<ReportAnswer> {
  return api.ask(`/v1/reports/${encodeURIComponent(name)}?${query}`, { signal })
}

/** What a report is asked with, as a query string: the same for the same view. */
export function queryOf(info: ReportInfo, view: View, params: Params, compare: boolean): string {
  const query = new URLSearchParams()
  const takes = new Set(info.parameters.map((parameter) => parameter.name))
  const put = (parameter: string, value: string | number | undefined) => {
    if (value !== undefined && takes.has(parameter)) query.set(parameter, String(value))
  }
  put('from', view.from)
  put('to', view.to)
  put('as_of', noLaterThan(view.today, view.to))
  put('grain', grainFor(info, view))
  for (const name of FILTERS) put(name, view.filters[name])
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) query.delete(name)
    else put(name, value)
  }
  if (compare && isCompared(info, view)) query.set('compare', 'previous')
  return query.toString()
}

/** Parameters as they stand in the address of a report's own page; where one is undefined, the view's own goes too. */
export function searchOf(params: Params): { readonly [name: string]: string | undefined } {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, value?.toString()]),
  )
}

/** As many rows as a report gives at most, where that is a parameter of it. */
export function mostRows({ parameters }: ReportInfo): { readonly limit?: number } {
  const range = parameters.find(({ name }) => name === 'limit')?.range
  return range ? { limit: range[1] } : {}
}

/** Whether a report's numbers stand beside those before: of what is over time, each place has its own. */
function isCompared(info: ReportInfo, view: View): boolean {
  if (!view.compare || !info.parameters.some(({ name }) => name === 'from')) return false
  return isOverTime(info.columns, info.chart) || isComparable(view, view.today)
}

/** Whether a report would be compared, were its days over. */
export function waitsForToday(info: ReportInfo, view: View): boolean {
  const takesDays = info.parameters.some(({ name }) => name === 'from')
  return takesDays && view.compare && !isComparable(view, view.today)
}

/** The grain that suits the days, or the next coarser or finer one that the report knows. */
function grainFor(info: ReportInfo, days: Days): string | undefined {
  const choices = info.parameters.find((parameter) => parameter.name === 'grain')?.choices
  const wanted = grainOf(days)
  if (!choices || choices.includes(wanted)) return wanted
  return wanted === 'hour' ? choices[0] : choices.at(-1)
}

/** Filters of the view that a report does not take, by name: its numbers are those without them. */
export function ignoredFilters(info: ReportInfo, view: View): string[] {
  const takes = new Set(info.parameters.map((parameter) => parameter.name))
  return Object.keys(view.filters).filter((name) => !takes.has(name))
}
