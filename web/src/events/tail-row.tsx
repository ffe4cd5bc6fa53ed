import { useState } from 'react'
import { formatCount, formatNoun, formatText } from '../data/format.ts'
import { PageLink } from '../frame/page-link.tsx'
import { letterPath, reasonWord } from '../quality/letter-data.ts'
import { type EventRow, eventPath, type TailEvent } from './tail.ts'

const CHIPS = { accepted: 'chip-good', duplicate: 'text-soft', rejected: 'chip-bad' } as const

interface TailRowProps {
  readonly event: TailEvent
  readonly zone: string
}

/** One line of the tail; opens to what the collector made of the event. */
export function TailRow({ event, zone }: TailRowProps) {
  const [isOpen, setOpen] = useState(false)
  const { verdict, event_type, received_at, source } = event
  return (
    <li data-verdict={verdict}>
      <details onToggle={(toggled) => setOpen(toggled.currentTarget.open)}>
        <summary className="grid min-h-9 grid-cols-[4.75rem_minmax(0,1fr)_auto] items-center gap-x-3 rounded-md px-1 text-[0.8125rem] hover:bg-hover max-sm:min-h-11 sm:grid-cols-[5.5rem_9.5rem_minmax(0,1fr)_6rem_5.5rem]">
          <time dateTime={received_at} className="text-soft tabular-nums">
            {timeOf(received_at, zone)}
          </time>
          <span className="truncate font-medium">{formatText('event_type', event_type)}</span>
          <span className="truncate text-soft max-sm:order-last max-sm:col-span-3 max-sm:-mt-1 max-sm:pb-1.5">
            {saidOf(event)}
          </span>
          <span className="truncate text-soft max-sm:hidden">{source}</span>
          <span className="text-right">
            <span className={`chip ${CHIPS[verdict]}`}>{verdict}</span>
          </span>
        </summary>
        {isOpen && <Opened event={event} />}
      </details>
    </li>
  )
}

/** `14:03:59` on the shop's clock. */
function timeOf(at: string, zone: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, timeStyle: 'medium' })
  return format.format(new Date(at))
}

/** Columns that say at a glance what an event is about, the most telling first. */
const TELLING = [
  'order_id',
  'product_id',
  'search_term',
  'page_url',
  'review_id',
  'name',
  'location',
  'customer_id',
  'session_id',
]

function saidOf({ event, dead_letter, count }: TailEvent): string {
  if (dead_letter) return `${reasonWord(dead_letter.reason)}: ${dead_letter.message}`
  if (count !== undefined) return `${formatNoun(count, 'event')} known already`
  const said = TELLING.flatMap((column) => textIn(event!, column)).slice(0, 2)
  return said.join(' · ')
}

function textIn(row: EventRow, column: string): string[] {
  const value = row[column]
  return typeof value === 'string' ? [value] : []
}

function Opened({ event: tail }: { readonly event: TailEvent }) {
  const { event, dead_letter, request_id, bucket, sequence } = tail
  const shown = event ?? dead_letter
  const id = event?.event_id
  return (
    <div className="grid gap-2 pt-1 pb-4 sm:pl-4">
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-soft">
        {typeof id === 'string' && (
          <PageLink
            to={eventPath(id)}
            search={{ day: String(event?.occurred_at ?? '').slice(0, 10) || undefined }}
            className="link inline-flex min-h-6 items-center font-medium max-sm:min-h-11"
          >
            Trace it
          </PageLink>
        )}
        {dead_letter && (
          <PageLink
            to={letterPath(dead_letter.dead_letter_id)}
            className="link inline-flex min-h-6 items-center font-medium max-sm:min-h-11"
          >
            Open its dead letter
          </PageLink>
        )}
        <span className="[overflow-wrap:anywhere]">
          request {request_id}, bucket {bucket}, record {formatCount(sequence)}
        </span>
      </p>
      {shown && (
        <pre className="rounded-lg bg-ground p-3 font-mono text-xs leading-5 whitespace-pre-wrap [overflow-wrap:anywhere]">
          {JSON.stringify(shown, null, 2)}
        </pre>
      )}
    </div>
  )
}
