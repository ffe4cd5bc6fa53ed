import type { StreamRecord } from '../ports.ts'
import type { EventType } from '../schema/registry.ts'
import type { Rejection } from '../schema/rejection.ts'
import { bucketOf } from './bucket.ts'
import type { CollectAnswer, EventResult, ValuesRequest } from './collect-types.ts'
import { encodeRecord, type HeaderFields, type RecordLine } from './record.ts'
import type { Accepted, Refused } from './verdict.ts'

type Tally = { [T in EventType | 'unknown']?: number }

/** What one request has come to so far. */
export interface Pass {
  readonly request: ValuesRequest
  readonly results: EventResult[]
  readonly duplicates: Tally
  readonly rejected: Tally
  readonly reasons: Map<Rejection, number>
  readonly drift: Tally
  /** Lines by bucket, in the order in which the buckets were met. */
  readonly rows: Map<number, RecordLine[]>
  readonly letters: RecordLine[]
  accepted: number
  duplicate: number
}

export function beginPass(request: ValuesRequest): Pass {
  return {
    request,
    results: [],
    duplicates: {},
    rejected: {},
    reasons: new Map(),
    drift: {},
    rows: new Map(),
    letters: [],
    accepted: 0,
    duplicate: 0,
  }
}

export function bookAccepted(pass: Pass, event: Accepted, id_hash: string, buckets: number): void {
  const bucket = bucketOf(event.key, buckets)
  addLine(pass, bucket, { group: event.type, line: event.line, id_hash })
  pass.accepted++
  if (event.drifted) pass.drift[event.type] = (pass.drift[event.type] ?? 0) + 1
  pass.results.push({
    index: pass.results.length,
    event_id: event.event_id,
    verdict: 'accepted',
  })
}

export function bookDuplicate(pass: Pass, event: Accepted): void {
  pass.duplicate++
  pass.duplicates[event.type] = (pass.duplicates[event.type] ?? 0) + 1
  pass.results.push({
    index: pass.results.length,
    event_id: event.event_id,
    verdict: 'duplicate',
  })
}

export function bookRefused(pass: Pass, refused: Refused): void {
  const { type, event_id, refusal } = refused
  pass.rejected[type] = (pass.rejected[type] ?? 0) + 1
  pass.reasons.set(refusal.reason, (pass.reasons.get(refusal.reason) ?? 0) + 1)
  pass.results.push({ index: pass.results.length, event_id, verdict: 'rejected', ...refusal })
}

/**
 * `line` is a DeadLetter as JSON. Those of a file go into the file's bucket, where the same row of another import meets them; all
 * others stand beside the request's counts.
 */
export function addLetter(pass: Pass, line: string, index: number, buckets: number): void {
  const letter: RecordLine = { group: 'dead_letter', line }
  const { source, origin } = pass.request
  const file = origin?.[index]?.file
  if (file === undefined) pass.letters.push(letter)
  else addLine(pass, bucketOf(`${source.name}/${file}`, buckets), letter)
}

function addLine(pass: Pass, bucket: number, line: RecordLine): void {
  const lines = pass.rows.get(bucket)
  if (lines) lines.push(line)
  else pass.rows.set(bucket, [line])
}

/**
 * At most one record per bucket. The first carries the request's counts of duplicates and refusals and those dead letters that have
 * no bucket; where there is none it is made for them, in the bucket of the request_id. None for a request without events. The pass is
 * rid of its lines afterwards.
 */
export function takeRecords(pass: Pass, buckets: number, dedup_from: number): StreamRecord[] {
  const { request, rows } = pass
  if (pass.results.length === 0) return []
  if (rows.size === 0) rows.set(bucketOf(request.request_id, buckets), [])
  const records: StreamRecord[] = []
  for (const [bucket, lines] of rows) {
    const isFirst = records.length === 0
    const fields: HeaderFields = {
      request_id: request.request_id,
      received_at: request.received_at,
      source: request.source.name,
      source_kind: request.source.kind,
      dedup_from,
      ...(request.replay_of === undefined ? {} : { replay_of: request.replay_of }),
      duplicates: isFirst ? pass.duplicates : {},
      rejected: isFirst ? pass.rejected : {},
    }
    records.push({
      bucket,
      data: encodeRecord(fields, isFirst ? lines.concat(pass.letters) : lines),
    })
  }
  rows.clear()
  pass.letters.length = 0
  return records
}

export function answerOf(pass: Pass): CollectAnswer {
  const received = pass.results.length
  return {
    received,
    accepted: pass.accepted,
    duplicates: pass.duplicate,
    rejected: received - pass.accepted - pass.duplicate,
    results: pass.results,
  }
}
