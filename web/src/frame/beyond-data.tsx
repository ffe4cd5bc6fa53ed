import { useExtent } from '../data/extent.ts'
import { formatDays } from '../data/format.ts'
import { lengthOf, shiftDay } from '../data/period.ts'
import { useSetView, useView } from '../data/view.ts'

/** Where the days chosen lie beside all that there is: the way to the nearest ones that hold something. */
export function BeyondData() {
  const view = useView()
  const setView = useSetView()
  const extent = useExtent(true)
  if (extent === undefined || extent === 'unknown') return null
  const { first_day, last_day } = extent
  const isAfter = last_day < view.from
  if (!isAfter && first_day <= view.to) return null
  const length = lengthOf(view) - 1
  const from = isAfter ? shiftDay(last_day, -length) : first_day
  const to = isAfter ? last_day : shiftDay(first_day, length)
  return (
    <p
      className="card mb-4 flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 text-sm sm:px-5"
      role="status"
    >
      <span className="text-soft">
        Nothing happened from {formatDays(view.from, view.to)}: the shop's events are of{' '}
        {formatDays(first_day, last_day)}.
      </span>
      <button
        type="button"
        className="button"
        onClick={() => setView({ period: undefined, from, to })}
      >
        Go to {formatDays(from, to)}
      </button>
    </p>
  )
}
