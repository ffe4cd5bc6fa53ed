import type { ReactNode } from 'react'
import { formatBytes, formatCount, formatNumber } from '../data/format.ts'
import { type PipelineState, rateOf } from './pipeline-data.ts'

/** From the collector to lake and store: what flows on each edge, and how far each part is behind. */
export function Flow({ state }: { readonly state: PipelineState }) {
  const { history, health } = state
  const isOk = (name: string) => health.checks.find((check) => check.name === name)?.ok ?? true
  const taken = rateOf(
    history,
    ({ accepted, duplicate, rejected }) => accepted + duplicate + rejected,
  )
  const kept = rateOf(history, ({ accepted, rejected }) => accepted + rejected)
  const rows = rateOf(history, ({ lake_rows }) => lake_rows)
  const p99 = history.at(-1)?.accept_p99_ms
  const restarts = (name: string) =>
    state.processes.find((process) => process.name === name)?.restarts ?? 0
  return (
    <section className="card p-4 sm:p-5" aria-labelledby="flow">
      <h2 id="flow" className="mb-4 font-semibold">
        How events flow
      </h2>
      <ol className="flow">
        <Part area="collector" title="Collector" isOk={health.ready} number={perSecond(taken)}>
          {p99 === null || p99 === undefined ? 'events taken' : `events taken, p99 ${msOf(p99)}`}
        </Part>
        <Edge area="in" rate={kept} words="kept" />
        <Part
          area="stream"
          title="Stream"
          isOk={isOk('stream')}
          number={formatBytes(state.stream_bytes)}
        >
          durable, of {formatBytes(state.stream_max_bytes)} at most
        </Part>
        <Edge area="to-writer" rate={rows} words="rows" />
        <Part
          area="writer"
          title="Lake writer"
          isOk={isOk('lake')}
          number={formatCount(state.lake_lag_records)}
        >
          {recordWord(state.lake_lag_records)} not in files yet{restartsWord(restarts('lake'))}
        </Part>
        <Edge area="to-lake" rate={rows} words="rows" />
        <Part area="lake" title="Lake, SQL" isOk={isOk('lake')} number={behindOf(state.lake_lag_s)}>
          {state.lake_lag_s === null ? 'not known' : 'behind the door'}
          {state.lake_files === null ? '' : `, ${formatCount(state.lake_files)} files`}
        </Part>
        <Edge area="to-updater" rate={kept} words="kept" />
        <Part
          area="updater"
          title="Store updater"
          isOk={isOk('store')}
          number={formatCount(state.store_lag_records)}
        >
          {recordWord(state.store_lag_records)} behind{restartsWord(restarts('store'))}
        </Part>
        <Edge area="to-store" rate={kept} words="applied" />
        <Part
          area="store"
          title="Store"
          isOk={isOk('store')}
          number={state.store_lag_records === 0 ? 'up to date' : 'catching up'}
        >
          orders, customers, products, stock, live
        </Part>
      </ol>
    </section>
  )
}

interface PartProps {
  readonly area: string
  readonly title: string
  readonly isOk: boolean
  readonly number: string
  readonly children: ReactNode
}

function Part({ area, title, isOk, number, children }: PartProps) {
  return (
    <li
      className={`min-w-0 rounded-xl border p-3 ${isOk ? 'border-line' : 'border-bad'}`}
      style={{ gridArea: area }}
      data-part={area}
    >
      <p className="flex items-center gap-2 text-[0.8125rem] font-medium">
        <span
          aria-hidden="true"
          className={`swatch size-2 rounded-full ${isOk ? 'bg-good' : 'bg-bad'}`}
        />
        {title}
        <span className={isOk ? 'sr-only' : 'chip chip-bad ml-auto'}>
          {isOk ? 'works' : 'in trouble'}
        </span>
      </p>
      <p className="mt-1 text-lg font-semibold tracking-tight tabular-nums">{number}</p>
      <p className="text-xs text-soft">{children}</p>
    </li>
  )
}

interface EdgeProps {
  readonly area: string
  /** Events a second. */
  readonly rate: number
  readonly words: string
}

/** An arrow with what flows along it; it moves while something does. */
function Edge({ area, rate, words }: EdgeProps) {
  return (
    <li className="flow-edge" style={{ gridArea: area }}>
      <span className="text-[0.6875rem] whitespace-nowrap text-soft tabular-nums">
        {perSecond(rate)} {words}
      </span>
      <span aria-hidden="true" className={`flow-arrow ${rate > 0 ? 'flow-moving' : ''}`} />
    </li>
  )
}

function perSecond(rate: number): string {
  return `${rate > 0 && rate < 0.01 ? '<0.01' : formatNumber(rate)}/s`
}

/** Milliseconds as short as they deserve. */
export function msOf(ms: number): string {
  return ms >= 1000 ? `${formatNumber(ms / 1000)} s` : `${formatNumber(ms)} ms`
}

function behindOf(seconds: number | null): string {
  return seconds === null ? '–' : `${formatNumber(Math.max(0, seconds))} s`
}

function recordWord(count: number): string {
  return count === 1 ? 'record' : 'records'
}

function restartsWord(count: number): string {
  return count === 0 ? '' : `, started again ${count === 1 ? 'once' : `${count} times`}`
}
