import { useQuery } from '@tanstack/react-query'
import { formatDays, formatText } from '../data/format.ts'
import { lengthOf, shiftDay } from '../data/period.ts'
import { type ReportAnswer, type ReportInfo, rowsOf, textOf } from '../data/report-types.ts'
import { useSession } from '../data/session.tsx'
import { type FilterName, useSetView, useView } from '../data/view.ts'

interface NothingHereProps {
  readonly info: ReportInfo
  readonly text?: string | undefined
}

/** Why a card is empty, and the way out: a filter to drop, or the days in which there is something. */
export function NothingHere({ info, text }: NothingHereProps) {
  const view = useView()
  const setView = useSetView()
  const takes = new Set(info.parameters.map(({ name }) => name))
  const filters = Object.entries(view.filters).filter(([name]) => takes.has(name))
  return (
    <div className="flex flex-1 flex-col items-start justify-center gap-2 py-6 text-sm">
      <p className="text-soft">
        {text ??
          (takes.has('from') ? `Nothing from ${formatDays(view.from, view.to)}.` : 'Nothing yet.')}
      </p>
      {filters.map(([name, value]) => (
        <button
          key={name}
          type="button"
          className="button"
          onClick={() => setView({ [name as FilterName]: undefined })}
        >
          Drop the filter {name} is {formatText(name, value)}
        </button>
      ))}
      {filters.length === 0 && takes.has('from') && <LastDays />}
    </div>
  )
}

/** The latest days that have orders or visits, as long as those asked for; nothing where these are they. */
function LastDays() {
  const { api } = useSession()
  const view = useView()
  const setView = useSetView()
  const extent = useQuery({
    queryKey: ['extent'],
    queryFn: ({ signal }) => api.ask<ReportAnswer>('/v1/reports/extent', { signal }),
    staleTime: 60_000,
  })
  const to = extent.data && textOf(rowsOf(extent.data)[0]?.last_day).slice(0, 10)
  if (!to || to >= view.from) return null
  const from = shiftDay(to, 1 - lengthOf(view))
  return (
    <button
      type="button"
      className="button"
      onClick={() => setView({ period: undefined, from, to })}
    >
      Go to {formatDays(from, to)}, the latest there is
    </button>
  )
}
