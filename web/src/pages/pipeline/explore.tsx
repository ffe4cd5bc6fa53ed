import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Play, Square, Table2 } from 'lucide-react'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useSession } from '../../data/session.tsx'
import type { SqlTable } from '../../data/sql.ts'
import { ResultCard } from '../../explore/result-card.tsx'
import { type SavedQuery, useSaved } from '../../explore/saved.ts'
import { SavedList, TableList } from '../../explore/sidebar.tsx'
import { type QueryRun, useQueryRun } from '../../explore/use-query-run.ts'
import { Page } from '../../frame/page.tsx'
import { usePageSearch } from '../../frame/page-search.ts'
import { Notice } from '../../parts/notice.tsx'
import { Sheet } from '../../parts/sheet.tsx'
import { Bone } from '../../parts/skeleton.tsx'

const Editor = lazy(async () => ({ default: (await import('../../explore/editor.tsx')).Editor }))

const FIRST_QUERY = `select local_date, count(*) as orders, sum(gross_sales) as gross_sales
from orders
where dt >= current_date - 28
group by local_date
order by local_date`

/** SQL over the lake: written with completion, run and cancelled, seen as rows and as a chart, kept and shared. */
export function Explore() {
  const { q } = usePageSearch('explore')
  const [sql, setSql] = useState(q ?? FIRST_QUERY)
  const tables = useTables()
  const query = useQueryRun()
  const run = useRunInAddress(sql, query)
  const own = useSaved()
  const [isListOpen, setListOpen] = useState(false)
  const take = (name: string) => {
    setSql((text) => `${text}${/\s$/.test(text) ? '' : ' '}${name}`)
    setListOpen(false)
  }
  const open = (saved: SavedQuery) => {
    setSql(saved.sql)
    setListOpen(false)
    run(saved.sql)
  }
  useShared(q, sql, setSql, query.run)
  const lists = <Lists tables={tables} own={own} onTake={take} onOpen={open} />
  return (
    <Page title="Explore">
      <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-[15rem_minmax(0,1fr)]">
        <aside
          className="card sticky top-20 max-h-[calc(100dvh-6rem)] overflow-y-auto p-3 max-xl:hidden"
          aria-label="Tables and saved queries"
        >
          {lists}
        </aside>
        <div className="grid min-w-0 grid-cols-1 gap-4">
          <section className="card min-w-0 overflow-hidden" aria-label="Query">
            <Suspense fallback={<EditorBone />}>
              <Editor
                value={sql}
                onChange={setSql}
                onRun={() => run(sql)}
                tables={tables.data ?? []}
                failedLine={query.failure?.line}
              />
            </Suspense>
            <div className="flex flex-wrap items-center gap-2 border-t border-line p-3">
              <RunButton query={query} onRun={() => run(sql)} />
              <Save onSave={(name) => own.save({ name, sql })} />
              <button
                type="button"
                className="button gap-2 xl:hidden"
                onClick={() => setListOpen(true)}
              >
                <Table2 aria-hidden="true" size={15} />
                Tables
              </button>
            </div>
          </section>
          <ResultCard query={query} />
        </div>
      </div>
      <Sheet title="Tables and saved queries" open={isListOpen} onClose={() => setListOpen(false)}>
        {lists}
      </Sheet>
    </Page>
  )
}

function EditorBone() {
  return (
    <div role="status" aria-label="Loading" className="p-3">
      <Bone className="h-36 w-full" />
    </div>
  )
}

function useTables() {
  const { api } = useSession()
  return useQuery({
    queryKey: ['tables'],
    queryFn: async ({ signal }) => {
      const { tables } = await api.ask<{ tables: readonly SqlTable[] }>('/v1/tables', { signal })
      return tables
    },
    staleTime: 300_000,
  })
}

/** Runs, and puts what runs into the address, so that it can be shared and stepped back to. */
function useRunInAddress(sql: string, query: QueryRun): (text: string) => void {
  const navigate = useNavigate()
  return (text) => {
    if (text.trim() === '') return
    query.run(text)
    const search = (previous: object) => ({ ...previous, q: text })
    void navigate({ to: '.', search: search as never, resetScroll: false, replace: text === sql })
  }
}

/** What the address names is run when it is opened, and when the browser steps to it. */
function useShared(
  q: string | undefined,
  sql: string,
  setSql: (sql: string) => void,
  run: (sql: string) => void,
): void {
  const seen = useRef<string>(undefined)
  const latest = useRef(sql)
  latest.current = sql
  useEffect(() => {
    if (q === undefined || q === seen.current) return
    const isFirst = seen.current === undefined
    seen.current = q
    if (isFirst || q !== latest.current) run(q)
    setSql(q)
  }, [q, run, setSql])
}

interface ListsProps {
  readonly tables: ReturnType<typeof useTables>
  readonly own: ReturnType<typeof useSaved>
  readonly onTake: (name: string) => void
  readonly onOpen: (query: SavedQuery) => void
}

function Lists({ tables, own, onTake, onOpen }: ListsProps) {
  return (
    <>
      <h2 className="mb-1.5 text-xs font-medium text-soft">Saved</h2>
      <SavedList saved={own.saved} onOpen={onOpen} onRemove={own.remove} />
      <h2 className="mt-4 mb-1.5 text-xs font-medium text-soft">Tables</h2>
      {tables.data && <TableList tables={tables.data} onTake={onTake} />}
      {tables.isPending && (
        <div role="status" aria-label="Loading">
          <Bone className="h-64 w-full" />
        </div>
      )}
      {tables.isError && !tables.data && (
        <Notice
          title="The tables cannot be read"
          error={tables.error}
          onRetry={() => void tables.refetch()}
        />
      )}
    </>
  )
}

function RunButton({ query, onRun }: { readonly query: QueryRun; readonly onRun: () => void }) {
  if (query.isRunning) {
    return (
      <button type="button" className="button gap-2" onClick={query.cancel}>
        <Square aria-hidden="true" size={14} />
        Cancel
      </button>
    )
  }
  return (
    <button type="button" className="button button-strong gap-2" onClick={onRun}>
      <Play aria-hidden="true" size={14} />
      Run
      <kbd className="text-xs opacity-80 max-sm:hidden">⌘↵</kbd>
    </button>
  )
}

function Save({ onSave }: { readonly onSave: (name: string) => void }) {
  const [name, setName] = useState<string>()
  if (name === undefined) {
    return (
      <button type="button" className="button" onClick={() => setName('')}>
        Save
      </button>
    )
  }
  return (
    <form
      className="flex flex-wrap gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        onSave(name.trim())
        setName(undefined)
      }}
    >
      <input
        aria-label="Name of the query"
        placeholder="Name"
        required
        maxLength={80}
        // biome-ignore lint/a11y/noAutofocus: it stands in place of the button that was just pressed
        autoFocus
        className="field w-44"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <button type="submit" className="button" disabled={name.trim() === ''}>
        Keep
      </button>
      <button type="button" className="button" onClick={() => setName(undefined)}>
        Not now
      </button>
    </form>
  )
}
