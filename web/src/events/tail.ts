import { useCallback, useEffect, useRef, useState } from 'react'
import { type Api, isNotOffered } from '../data/api.ts'
import type { DeadLetter } from '../quality/letter-data.ts'

export type Verdict = 'accepted' | 'duplicate' | 'rejected'

/** A row of an event, by column. */
export type EventRow = { readonly [column: string]: unknown }

/** What GET /v1/tail says of one event, or of the duplicates of one request. */
export interface TailEvent {
  readonly verdict: Verdict
  readonly event_type: string
  readonly received_at: string
  readonly source: string
  readonly source_kind: string
  readonly request_id: string
  readonly bucket: number
  readonly sequence: number
  readonly event?: EventRow
  readonly dead_letter?: DeadLetter
  readonly count?: number
}

interface TailAnswer {
  readonly events: readonly TailEvent[]
  readonly cursor: string
}

export interface Tail {
  /** The latest first; undefined before the first answer. */
  readonly events: readonly TailEvent[] | undefined
  /** How many have come since it was paused. */
  readonly waiting: number
  readonly failure: Error | undefined
}

const KEPT = 300
const LOOK_MS = 1000
const RETRY_MS = 4000
const FIRST = 100

/**
 * The end of the stream as it grows, for a filter as a query string. While paused it goes on listening and counts; while the
 * page is hidden it rests.
 */
export function useTail(api: Api, filter: string, isPaused: boolean): Tail {
  const [shown, setShown] = useState<readonly TailEvent[]>()
  const [held, setHeld] = useState<readonly TailEvent[]>([])
  const [failure, setFailure] = useState<Error>()
  const cursor = useRef('')
  const paused = useRef(isPaused)
  paused.current = isPaused

  const take = useCallback((answer: TailAnswer, isFirst: boolean) => {
    cursor.current = answer.cursor
    setFailure(undefined)
    if (isFirst) setShown(answer.events)
    else if (answer.events.length === 0) return
    else if (paused.current) setHeld((before) => [...answer.events, ...before].slice(0, KEPT))
    else setShown((before = []) => [...answer.events, ...before].slice(0, KEPT))
  }, [])

  useEffect(() => {
    const ending = new AbortController()
    let timer: number | undefined
    const look = async (isFirst: boolean): Promise<void> => {
      if (!document.hidden) {
        const after = isFirst ? `limit=${FIRST}` : `limit=200&after=${cursor.current}`
        const sent = { signal: ending.signal }
        take(await api.read<TailAnswer>(`/v1/tail?${after}&${filter}`, sent), isFirst)
      }
      next(false, LOOK_MS)
    }
    const next = (isFirst: boolean, wait_ms: number) => {
      const failed = (error: unknown) => {
        if (ending.signal.aborted) return
        setFailure(error instanceof Error ? error : new Error(String(error)))
        if (!isNotOffered(error)) next(isFirst, RETRY_MS)
      }
      timer = window.setTimeout(() => look(isFirst).catch(failed), wait_ms)
    }
    setShown(undefined)
    setHeld([])
    next(true, 0)
    return () => {
      ending.abort()
      window.clearTimeout(timer)
    }
  }, [api, filter, take])

  useEffect(() => {
    if (isPaused || held.length === 0) return
    setShown((before = []) => [...held, ...before].slice(0, KEPT))
    setHeld([])
  }, [isPaused, held])

  return { events: shown, waiting: held.length, failure }
}

/** One thing of the tail apart from all others. */
export function keyOfTail({
  bucket,
  sequence,
  verdict,
  event_type,
  event,
  dead_letter,
}: TailEvent) {
  const own = event?.event_id ?? dead_letter?.dead_letter_id ?? event_type
  return `${bucket} ${sequence} ${verdict} ${String(own)}`
}

/** The address of one event; its day lets the lake look in few files. */
export function eventPath(id: string): string {
  return `/events/${encodeURIComponent(id)}`
}
