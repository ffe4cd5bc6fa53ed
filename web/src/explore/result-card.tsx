import { useEffect, useState } from 'react'
import { save } from '../chart/save.ts'
import { messageOf } from '../data/api.ts'
import { formatBytes, formatCount, formatNoun } from '../data/format.ts'
import { useSession } from '../data/session.tsx'
import type { SqlResult } from '../data/sql.ts'
import { Notice } from '../parts/notice.tsx'
import { COPY_WORDS, useCopy } from '../parts/use-copy.ts'
import { tabbedText } from './copy.ts'
import { Grid } from './grid.tsx'
import { ResultChart } from './result-chart.tsx'
import type { QueryRun } from './use-query-run.ts'

type Face = 'rows' | 'chart'

/** What came of the last run: rows or a chart, what it took, and the way to take it along. */
export function ResultCard({ query }: { readonly query: QueryRun }) {
  const { result, failure, isRunning, wasCancelled } = query
  const [face, setFace] = useState<Face>('rows')
  if (failure) {
    const where = failure.line === undefined ? '' : `Line ${failure.line}: `
    return <Notice title="The query did not run" text={`${where}${failure.text}`} />
  }
  if (!result) {
    return (
      <section className="card p-5 text-sm text-soft" aria-label="Result">
        {isRunning ? (
          <Elapsed began={query.began} />
        ) : wasCancelled ? (
          'Cancelled.'
        ) : (
          'Run a query to see its rows here. It can only read, and is kept within limits of time and memory.'
        )}
      </section>
    )
  }
  return (
    <section
      className="card min-w-0"
      aria-labelledby="result-said"
      data-busy={isRunning}
      data-result={result.query_id}
    >
      <div className="flex flex-wrap items-center gap-2 p-3 sm:px-4">
        <p
          id="result-said"
          role="status"
          className="mr-auto text-[0.8125rem] text-soft max-sm:basis-full"
        >
          {isRunning ? (
            <Elapsed began={query.began} />
          ) : wasCancelled ? (
            'Cancelled. These are the rows of the run before.'
          ) : (
            saidOf(result)
          )}
        </p>
        <Faces face={face} onFace={setFace} />
        <TakeAlong result={result} />
      </div>
      {face === 'chart' ? (
        <ResultChart key={result.query_id} result={result} />
      ) : result.rows.length === 0 ? (
        <p className="border-t border-line p-5 text-sm text-soft">No rows.</p>
      ) : (
        <>
          <Grid
            key={result.query_id}
            columns={result.columns}
            rows={result.rows}
            rowCount={result.row_count}
          />
          {result.next_cursor && <More query={query} result={result} />}
        </>
      )}
    </section>
  )
}

function saidOf({ row_count, truncated, elapsed_ms, scanned_bytes }: SqlResult): string {
  const rows = formatNoun(row_count, 'row')
  const cut = truncated ? ', cut at the limit' : ''
  const scanned = scanned_bytes === null ? '' : `, ${formatBytes(scanned_bytes)} read`
  return `${rows}${cut} in ${formatCount(elapsed_ms)} ms${scanned}`
}

const TICK_MS = 100

/** How long it has been running. */
function Elapsed({ began }: { readonly began: number }) {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), TICK_MS)
    return () => window.clearInterval(timer)
  }, [])
  return <>Running for {(Math.max(0, now - began) / 1000).toFixed(1)} s …</>
}

function Faces({ face, onFace }: { readonly face: Face; readonly onFace: (face: Face) => void }) {
  return (
    <fieldset className="flex rounded-lg border border-line p-0.5">
      <legend className="sr-only">Show as</legend>
      {(['rows', 'chart'] as const).map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={face === one}
          onClick={() => onFace(one)}
          className="min-h-8 rounded-md px-3 text-[0.8125rem] font-medium text-soft aria-pressed:bg-hover aria-pressed:text-ink max-sm:min-h-11"
        >
          {one === 'rows' ? 'Rows' : 'Chart'}
        </button>
      ))}
    </fieldset>
  )
}

/** CSV of every row, written by the server; the rows that are here to the clipboard. */
function TakeAlong({ result }: { readonly result: SqlResult }) {
  const { api } = useSession()
  const { state, copy } = useCopy()
  const [failure, setFailure] = useState<string>()
  const download = () =>
    api
      .open(`/v1/sql/${result.query_id}`, { accept: 'text/csv' })
      .then((answer) => answer.blob())
      .then((blob) => save(blob, 'query.csv'))
      .catch((error: unknown) => setFailure(messageOf(error)))
  return (
    <>
      {copy && (
        <button
          type="button"
          className="button"
          onClick={() => copy(tabbedText(result.columns, result.rows))}
        >
          {COPY_WORDS[state]}
        </button>
      )}
      <button type="button" className="button" onClick={download}>
        CSV
      </button>
      {failure && (
        <p role="alert" className="text-xs text-bad">
          {failure}
        </p>
      )}
    </>
  )
}

function More({ query, result }: { readonly query: QueryRun; readonly result: SqlResult }) {
  const [isAsked, setAsked] = useState(false)
  const ask = () => {
    setAsked(true)
    void query.more().finally(() => setAsked(false))
  }
  return (
    <p className="flex items-center gap-3 border-t border-line p-3 text-[0.8125rem] text-soft">
      {formatCount(result.rows.length)} of {formatCount(result.row_count)} rows are here.
      <button type="button" className="button" disabled={isAsked} onClick={ask}>
        Fetch more
      </button>
    </p>
  )
}
