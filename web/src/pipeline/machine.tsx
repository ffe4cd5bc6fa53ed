import type { ReactNode } from 'react'
import { formatAgo, formatBytes, formatCount, formatRatio, formatWord } from '../data/format.ts'
import type { Check, PipelineState, ProcessState } from './pipeline-data.ts'

/** What each process does, in a few words. */
const WORK: { readonly [name: string]: string } = {
  collect: 'takes events, answers',
  store: 'keeps the current state',
  lake: 'writes Parquet, runs SQL',
}

/** Each process: how it fares, and whether it had to be started again. */
export function Processes({ state }: { readonly state: PipelineState }) {
  const now = Date.parse(state.at)
  return (
    <section className="card min-w-0 p-4 sm:p-5" aria-labelledby="processes">
      <h2 id="processes" className="mb-2 font-semibold">
        Processes
      </h2>
      <ul className="divide-y divide-line">
        {state.processes.map((process) => (
          <ProcessRow key={process.name} process={process} now={now} />
        ))}
      </ul>
    </section>
  )
}

function ProcessRow({ process, now }: { readonly process: ProcessState; readonly now: number }) {
  const { name, memory_bytes, cpu_share, started_at, restarts } = process
  const isUp = memory_bytes !== undefined
  return (
    <li className="grid gap-0.5 py-2.5 text-[0.8125rem]">
      <p>
        <span className="font-medium">{formatWord(name)}</span>{' '}
        <span className="text-soft">{WORK[name]}</span>
      </p>
      <p className="flex flex-wrap gap-x-3 text-xs text-soft tabular-nums">
        {isUp ? (
          <>
            <span>{formatBytes(memory_bytes)} memory</span>
            {cpu_share !== undefined && <span>{formatRatio(cpu_share)} of a core</span>}
            {started_at && <span>began {formatAgo(Date.parse(started_at), now)}</span>}
          </>
        ) : (
          <span className="font-medium text-bad">does not answer</span>
        )}
        <span className={restarts > 0 ? 'font-medium text-warn' : ''}>
          {restarts === 0 ? 'never restarted' : `restarted ${formatCount(restarts)} ×`}
        </span>
      </p>
    </li>
  )
}

/** The checks of /readyz, one line each. */
export function Checks({ state }: { readonly state: PipelineState }) {
  return (
    <section className="card min-w-0 p-4 sm:p-5" aria-labelledby="health">
      <h2 id="health" className="mb-2 font-semibold">
        Health
      </h2>
      <ul className="divide-y divide-line">
        {state.health.checks.map((check) => (
          <CheckRow key={check.name} check={check} />
        ))}
      </ul>
    </section>
  )
}

function CheckRow({ check: { name, ok, detail } }: { readonly check: Check }) {
  return (
    <li className="flex items-baseline gap-3 py-2.5 text-[0.8125rem]">
      <span className={ok ? 'text-good' : 'text-bad'}>
        <span aria-hidden="true">{ok ? '✓' : '✗'}</span>
        <span className="sr-only">{ok ? 'fine' : 'in trouble'}: </span>
      </span>
      <span className="w-16 shrink-0 font-medium">{formatWord(name)}</span>
      <span className="min-w-0 text-soft">{detail}</span>
    </li>
  )
}

/** What takes room, and what is left. */
export function Disk({ state }: { readonly state: PipelineState }) {
  const { disk_free_bytes, disk_reserve_bytes, stream_bytes, compactions, lake_files, dedup_ids } =
    state
  const rows: readonly (readonly [string, ReactNode])[] = [
    ['Free on the disk', formatBytes(disk_free_bytes)],
    ['Kept in reserve, so that deletes still work', formatBytes(disk_reserve_bytes)],
    ['Stream', formatBytes(stream_bytes)],
    ['Parquet files', lake_files === null ? 'not counted yet' : formatCount(lake_files)],
    ['Compactions since the start', formatCount(compactions)],
    ['Event ids remembered', dedup_ids === null ? 'not counted yet' : formatCount(dedup_ids)],
  ]
  return (
    <section className="card min-w-0 p-4 sm:p-5" aria-labelledby="disk">
      <h2 id="disk" className="mb-2 font-semibold">
        Disk and files
      </h2>
      <dl className="divide-y divide-line text-[0.8125rem]">
        {rows.map(([word, value]) => (
          <div key={word} className="flex justify-between gap-4 py-2.5">
            <dt className="text-soft">{word}</dt>
            <dd className="whitespace-nowrap tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
