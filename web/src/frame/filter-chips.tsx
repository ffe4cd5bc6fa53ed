import { X } from 'lucide-react'
import { formatText } from '../data/format.ts'
import { FILTERS, useSetView, useView } from '../data/view.ts'

/** What the page is filtered by; each chip drops its filter, and so does Esc all of them. */
export function FilterChips() {
  const { filters } = useView()
  const setView = useSetView()
  const active = FILTERS.filter((name) => filters[name] !== undefined)
  if (active.length === 0) return null
  return (
    <ul aria-label="Filters" className="flex flex-wrap gap-2 pb-4">
      {active.map((name) => (
        <li key={name}>
          <button
            type="button"
            className="filter-chip"
            data-filter={name}
            onClick={() => setView({ [name]: undefined })}
          >
            <span className="text-soft">{name}</span>
            {formatText(name, filters[name])}
            <X aria-hidden="true" size={14} />
            <span className="sr-only">: remove this filter</span>
          </button>
        </li>
      ))}
    </ul>
  )
}
