import { ShoplakeError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import type { StreamRecord } from '../ports.ts'
import type { EventType } from '../schema/registry.ts'
import type {
  CollectAnswer,
  CollectRequest,
  Door,
  DoorOptions,
  EventResult,
  ValuesRequest,
} from './collect-types.ts'
import { createLetterWriter } from './dead-letter.ts'
import { brokenBody, type Decoded, decodeBody, parsedValues } from './decode.ts'
import type { DedupWindow } from './dedup.ts'
import { idHash } from './event-id.ts'
import { createFlightControl, type Flight } from './flight.ts'
import {
  addLetter,
  answerOf,
  beginPass,
  bookAccepted,
  bookDuplicate,
  bookRefused,
  type Pass,
  takeRecords,
} from './pass.ts'
import { tombstoneRecords } from './tombstone-record.ts'
import {
  type Accepted,
  createJudge,
  type Judge,
  type PreparedRequest,
  type Refused,
  type RequestFacts,
} from './verdict.ts'

export type { CollectAnswer, CollectRequest, Door, DoorOptions, EventResult, ValuesRequest }

const GAUGE_INTERVAL_MS = 1000

/** A judged request, ready for the stream. */
interface Packed {
  readonly records: readonly StreamRecord[]
  /** Unfinished requests that hold ids of this one. */
  readonly waits: ReadonlySet<Flight>
  readonly pass: Pass
}

/**
 * The door: decode, judge, find duplicates, and keep it all in one append per request. A request makes at most one record per
 * bucket; one of them carries the request's counts of duplicates and refusals and its dead letters, also when nothing was
 * accepted. Throws RangeError for an unknown time zone.
 */
export function createDoor(options: DoorOptions): Door {
  const { stream, window, config } = options
  const { judge, prepare } = createJudge(options)
  const flights = createFlightControl(window)
  const letters = createLetterWriter(config, options.secret, options.metrics)
  const measure = createGauges(options)

  /** Never pauses: what is claimed here is claimed before any other request begins. Returns whom to wait for. */
  function judgeAll(pass: Pass, sent: Decoded, flight: Flight): Set<Flight> {
    const waits = new Set<Flight>()
    const prepared = prepare(factsOf(pass.request))
    for (let index = 0; index < sent.values.length; index++) {
      const verdict = verdictAt(judge, sent, index, prepared, pass.request.refused)
      if ('refusal' in verdict) {
        bookRefused(pass, verdict)
        const letter = letters.write(pass.request, index, verdict, sent)
        if (letter) addLetter(pass, letter, index, stream.buckets)
        continue
      }
      const hash = idHash(verdict.event_id)
      const claim = flights.claim(flight, hash)
      if (claim === 'new') bookAccepted(pass, verdict, hash, stream.buckets)
      else bookDuplicate(pass, verdict)
      if (typeof claim === 'object') waits.add(claim)
    }
    return waits
  }

  function pack(sent: Decoded, request: ValuesRequest, flight: Flight): Packed {
    const pass = beginPass(request)
    const waits = judgeAll(pass, sent, flight)
    return { waits, records: takeRecords(pass, stream.buckets, window.from()), pass }
  }

  async function land(flight: Flight, { waits, records, pass }: Packed): Promise<CollectAnswer> {
    try {
      // All are asked before the first is awaited: of a flight that has ended meanwhile nothing is known.
      for (const outcome of [...waits].map(flights.outcome)) {
        const error = await outcome
        if (error) throw error
      }
      if (records.length > 0) await stream.append(records)
    } catch (error) {
      throw failed(flight, error)
    }
    flights.end(flight, undefined)
    measure(pass)
    return answerOf(pass)
  }

  function failed(flight: Flight, error: unknown): ShoplakeError {
    const failure = asShoplakeError(error)
    flights.end(flight, failure)
    return failure
  }

  /** In two steps, so that what was read is garbage before the disk is waited for: what outlives collections is copied. */
  function keep(sent: Decoded, request: ValuesRequest): Promise<CollectAnswer> {
    const flight = flights.begin(request.received_at)
    let packed: Packed
    try {
      packed = pack(sent, request, flight)
    } catch (error) {
      throw failed(flight, error)
    }
    return land(flight, packed)
  }

  return {
    async collect(request) {
      const decoded = decodeBody(request.body, request.format, config.request_max_events)
      if ('values' in decoded) return keep(decoded, request)
      await keep(brokenBody(request.body, decoded.malformed), request)
      throw new ShoplakeError('malformed_json', decoded.malformed)
    },
    collectValues: async (values, request) => keep(parsedValues(values), request),
    preview: (values, request) =>
      previewOf({ judge, prepare }, window, stream.buckets, values, request),
    async erase(tombstone) {
      await stream.append(tombstoneRecords(tombstone, window.from(), stream.buckets))
    },
  }
}

/** What one value of a body comes to, unless whoever read it has said so already. */
function verdictAt(
  judge: Judge['judge'],
  sent: Decoded,
  index: number,
  request: PreparedRequest,
  refused: ValuesRequest['refused'],
): Accepted | Refused {
  const known = refused?.get(index)
  if (known) return { type: 'unknown', event_id: null, refusal: known }
  const malformed = sent.malformed.get(index)
  if (malformed === undefined) return judge(sent.values[index], sent.plain, request)
  const refusal = { reason: 'malformed_json', message: malformed } as const
  return { type: 'unknown', event_id: null, refusal }
}

/** See Door.preview. */
function previewOf(
  { judge, prepare }: Judge,
  window: DedupWindow,
  buckets: number,
  values: readonly unknown[],
  request: ValuesRequest,
): CollectAnswer {
  const pass = beginPass(request)
  const prepared = prepare(factsOf(request))
  const sent = parsedValues(values)
  const seen = new Set<string>()
  for (let index = 0; index < values.length; index++) {
    const verdict = verdictAt(judge, sent, index, prepared, request.refused)
    if ('refusal' in verdict) {
      bookRefused(pass, verdict)
      continue
    }
    const hash = idHash(verdict.event_id)
    if (seen.has(hash) || window.has(hash)) bookDuplicate(pass, verdict)
    else bookAccepted(pass, verdict, hash, buckets)
    seen.add(hash)
  }
  return answerOf(pass)
}

function factsOf(request: ValuesRequest): RequestFacts {
  // The headers of a server or a webhook tell of that machine, not of a visitor.
  const isBrowser = request.source.kind === 'browser'
  return {
    source: request.source.name,
    source_kind: request.source.kind,
    received_at: request.received_at,
    page_url: isBrowser ? request.page_url : undefined,
    user_agent: isBrowser ? request.user_agent : undefined,
    network: request.network,
    replay_of: request.replay_of,
  }
}

/** Whatever else an adapter throws means that the stream cannot be written. */
function asShoplakeError(error: unknown): ShoplakeError {
  if (error instanceof ShoplakeError) return error
  const detail = error instanceof Error ? error.message : String(error)
  return new ShoplakeError('stream_unavailable', detail, { cause: error })
}

function createGauges({ metrics, window, config, now }: DoorOptions): (pass: Pass) => void {
  let measuredAt = Number.NEGATIVE_INFINITY
  return (pass) => {
    countEvents(metrics, pass)
    const moment = now()
    if (Math.abs(moment - measuredAt) < GAUGE_INTERVAL_MS) return
    measuredAt = moment
    metrics.set('shoplake_dedup_ids', window.size)
    const known_s = Math.max(0, (moment - window.from()) / 1000)
    // A window that has forgotten nothing yet reaches back for ever: what is asked of it is no more than its hours.
    metrics.set(
      'shoplake_dedup_window_seconds',
      Math.min(known_s, config.dedup_window_hours * 3600),
    )
  }
}

function countEvents(metrics: Metrics, pass: Pass): void {
  const add = (count: number, verdict: string, reason: string) => {
    if (count > 0) metrics.add('shoplake_events_total', count, { verdict, reason })
  }
  add(pass.accepted, 'accepted', '')
  add(pass.duplicate, 'duplicate', '')
  for (const [reason, count] of pass.reasons) add(count, 'rejected', reason)
  for (const type in pass.drift) {
    const count = pass.drift[type as EventType] ?? 0
    metrics.add('shoplake_drift_events_total', count, { event_type: type })
  }
}
