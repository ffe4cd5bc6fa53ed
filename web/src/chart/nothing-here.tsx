import { formatDays, formatText } from '../data/format.ts'
import type { ReportInfo } from '../data/report-types.ts'
import { type FilterName, useSetView, useView } from '../data/view.ts'

interface NothingHereProps {
  readonly info: ReportInfo
  readonly text?: string | undefined
}

/** Why a card is empty, and the filters to drop. */
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
    </div>
  )
}
