import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { SqlTable } from '../data/sql.ts'
import type { SavedQuery } from './saved.ts'

interface TableListProps {
  readonly tables: readonly SqlTable[]
  /** Takes a name into the query. */
  readonly onTake: (name: string) => void
}

/** Tables that SQL can ask, with their columns. */
export function TableList({ tables, onTake }: TableListProps) {
  const [looked, setLooked] = useState('')
  const wanted = looked.trim().toLowerCase()
  const shown = tables.filter(({ name, columns }) =>
    wanted === ''
      ? true
      : name.includes(wanted) || columns.some((one) => one.name.includes(wanted)),
  )
  return (
    <>
      <input
        type="search"
        aria-label="Find a table or a column"
        placeholder="Find a table or a column"
        className="field mb-2 w-full"
        value={looked}
        onChange={(event) => setLooked(event.currentTarget.value)}
      />
      <ul>
        {shown.map((table) => (
          <TableEntry key={table.name} table={table} wanted={wanted} onTake={onTake} />
        ))}
        {shown.length === 0 && <li className="py-2 text-sm text-soft">None has that name.</li>}
      </ul>
    </>
  )
}

interface TableEntryProps {
  readonly table: SqlTable
  readonly wanted: string
  readonly onTake: (name: string) => void
}

function TableEntry({ table, wanted, onTake }: TableEntryProps) {
  const [isOpen, setOpen] = useState(false)
  const columns = table.columns.filter(
    ({ name }) => wanted === '' || table.name.includes(wanted) || name.includes(wanted),
  )
  return (
    <li>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="flex min-h-7 items-center gap-1.5 rounded px-1 font-mono text-xs hover:bg-hover max-sm:min-h-11">
          <span aria-hidden="true" className="w-3 text-soft">
            {isOpen ? '▾' : '▸'}
          </span>
          <span className="truncate">{table.name}</span>
        </summary>
        {isOpen && (
          <ul className="mb-1.5 ml-2.5 border-l border-line pl-2">
            {columns.map(({ name, type, description }) => (
              <li key={name}>
                <button
                  type="button"
                  title={description ?? `Put ${name} into the query`}
                  onClick={() => onTake(name)}
                  className="flex min-h-6 w-full items-baseline gap-2 rounded px-1 text-left font-mono text-xs hover:bg-hover max-sm:min-h-11 max-sm:items-center"
                >
                  <span className="truncate">{name}</span>
                  <span className="ml-auto max-w-28 truncate text-[0.6875rem] text-soft">
                    {type.toLowerCase()}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </details>
    </li>
  )
}

interface SavedListProps {
  readonly saved: readonly SavedQuery[]
  readonly onOpen: (query: SavedQuery) => void
  readonly onRemove: (name: string) => void
}

/** Queries kept in this browser. */
export function SavedList({ saved, onOpen, onRemove }: SavedListProps) {
  if (saved.length === 0) {
    return <p className="text-xs text-soft">Queries that you save stand here, in this browser.</p>
  }
  return (
    <ul>
      {saved.map((query) => (
        <li key={query.name} className="flex items-center gap-1">
          <button
            type="button"
            className="menu-item min-w-0 flex-1"
            title={query.sql}
            onClick={() => onOpen(query)}
          >
            <span className="truncate">{query.name}</span>
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label={`Forget ${query.name}`}
            onClick={() => onRemove(query.name)}
          >
            <Trash2 aria-hidden="true" size={14} />
          </button>
        </li>
      ))}
    </ul>
  )
}
