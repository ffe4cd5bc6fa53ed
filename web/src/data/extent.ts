import { useQuery } from '@tanstack/react-query'
import { type ReportAnswer, rowsOf, textOf } from './report-types.ts'
import { useSession } from './session.tsx'

/** From which day to which there is anything to see, YYYY-MM-DD. */
export interface Extent {
  readonly first_day: string
  readonly last_day: string
}

/** Undefined until it is known, and while there is nothing at all; `unknown` where it cannot be asked. */
export function useExtent(enabled: boolean): Extent | 'unknown' | undefined {
  const { api } = useSession()
  const answer = useQuery({
    queryKey: ['extent'],
    queryFn: ({ signal }) => api.ask<ReportAnswer>('/v1/reports/extent', { signal }),
    enabled,
    select: extentOf,
    staleTime: 60_000,
  })
  return answer.isError ? 'unknown' : answer.data
}

function extentOf(answer: ReportAnswer): Extent | undefined {
  const row = rowsOf(answer)[0]
  const [first_day, last_day] = [row?.first_day, row?.last_day].map((day) =>
    textOf(day).slice(0, 10),
  )
  return first_day && last_day ? { first_day, last_day } : undefined
}
