import type { Config } from '../config.ts'
import type { Metrics } from '../metrics.ts'
import type { SourceKind } from '../ports.ts'
import type { EventType } from '../schema/registry.ts'
import type { ValuesRequest } from './collect-types.ts'
import type { Decoded } from './decode.ts'
import { keyedHash } from './keyed-hash.ts'
import type { Refusal } from './unsafe-json.ts'
import type { Refused } from './verdict.ts'

/** A refused event as the stream carries it and the store keeps it. */
export interface DeadLetter {
  /** `<received_at>:<request_id>:<index>` */
  readonly dead_letter_id: string
  readonly event_type: EventType | null
  readonly reason: Refusal['reason']
  readonly path: string | null
  readonly message: string
  /** Place of the event in its request, from 0. */
  readonly index: number
  /** What was sent, up to dead_letter_max_bytes; empty where it was withheld. */
  readonly raw: string
  readonly raw_encoding: 'utf8' | 'base64'
  /** Bytes that were sent. */
  readonly raw_bytes: number
  /** Whether `raw` is not all of it: such a letter cannot be replayed. */
  readonly truncated: boolean
  readonly source: string
  readonly source_kind: SourceKind
  /** ISO 8601, UTC. */
  readonly received_at: string
  readonly request_id: string
  /** Of an import. */
  readonly file?: string
  readonly line?: number
  /** Of an import: the same for the same refusal of the same row, keyed; none where nothing of the row may be kept. */
  readonly fingerprint?: string
  /** The dead letter that this event was, when it was sent again and refused again. */
  readonly replay_of?: string
  readonly status: 'open'
}

type Raw = Pick<DeadLetter, 'raw' | 'raw_encoding' | 'raw_bytes' | 'truncated'>

/** What to keep of a refused event: at most `maxBytes` of it, cut between characters; text as it is, other bytes in base64. */
export function rawOf(sent: string | Uint8Array, maxBytes: number): Raw {
  if (typeof sent !== 'string') {
    const kept = Buffer.from(sent.buffer, sent.byteOffset, Math.min(sent.byteLength, maxBytes))
    return {
      raw: kept.toString('base64'),
      raw_encoding: 'base64',
      raw_bytes: sent.byteLength,
      truncated: kept.byteLength < sent.byteLength,
    }
  }
  const raw_bytes = Buffer.byteLength(sent)
  const truncated = raw_bytes > maxBytes
  const raw = truncated ? cutBytes(sent, maxBytes) : sent
  return { raw, raw_encoding: 'utf8', raw_bytes, truncated }
}

/** For an event whose sender's visitor did not agree: nothing of it may be kept. */
function withheld(sent: string | Uint8Array): Raw {
  const raw_bytes = typeof sent === 'string' ? Buffer.byteLength(sent) : sent.byteLength
  return { raw: '', raw_encoding: 'utf8', raw_bytes, truncated: true }
}

function cutBytes(text: string, maxBytes: number): string {
  // At least one byte a UTF-16 unit: the rest of a long text need not be encoded.
  const bytes = Buffer.from(text.slice(0, maxBytes))
  let end = Math.min(maxBytes, bytes.length)
  while (end > 0 && end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}

export interface LetterWriter {
  /** The letter for a refused event, as JSON; undefined beyond the source's quota of the day: then it is only counted. */
  write(request: ValuesRequest, index: number, refused: Refused, sent: Decoded): string | undefined
}

/** Writes dead letters within a quota of bytes per source and UTC day; the quota begins anew with the process. */
export function createLetterWriter(
  config: Config,
  secret: Uint8Array,
  metrics: Metrics,
): LetterWriter {
  const takeQuota = createQuota(config.dead_letter_quota_bytes)
  return {
    write(request, index, refused, sent) {
      const text = sent.raw(index)
      const isWithheld = isDenied(sent.values[index])
      const raw = isWithheld ? withheld(text) : rawOf(text, config.dead_letter_max_bytes)
      // All that is kept counts: a letter without any raw bytes takes its place on disk too.
      const print = isWithheld ? undefined : fingerprintOf(secret, request, index, refused, text)
      const line = JSON.stringify({
        ...letterOf(request, index, refused, raw),
        ...(print === undefined ? {} : { fingerprint: print }),
      })
      if (takeQuota(request.source.name, Buffer.byteLength(line), request.received_at)) return line
      metrics.add('shoplake_dead_letters_dropped_total')
      return undefined
    },
  }
}

function letterOf(request: ValuesRequest, index: number, refused: Refused, raw: Raw): DeadLetter {
  const receivedAt = new Date(request.received_at).toISOString()
  const { reason, path, message } = refused.refusal
  const origin = request.origin?.[index]
  return {
    dead_letter_id: `${receivedAt}:${request.request_id}:${index}`,
    event_type: refused.type === 'unknown' ? null : refused.type,
    reason,
    path: path ?? null,
    message,
    index,
    ...raw,
    source: request.source.name,
    source_kind: request.source.kind,
    received_at: receivedAt,
    request_id: request.request_id,
    ...(origin ? { file: origin.file, line: origin.line } : {}),
    ...(request.replay_of === undefined ? {} : { replay_of: request.replay_of }),
    status: 'open',
  }
}

/** Of all of the row, whatever part of it is kept: another row, another reason or another place is another refusal. */
function fingerprintOf(
  secret: Uint8Array,
  { source, origin }: ValuesRequest,
  index: number,
  { refusal }: Refused,
  sent: string | Uint8Array,
): string | undefined {
  const place = origin?.[index]
  if (!place) return undefined
  const { reason, path, message } = refusal
  const row = typeof sent === 'string' ? sent : Buffer.from(sent).toString('base64')
  const { file, line } = place
  return keyedHash(secret, JSON.stringify([source.name, file, line, reason, path, message, row]))
}

function isDenied(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'consent' in value
    ? value.consent === 'denied'
    : false
}

const DAY_MS = 86_400_000

function createQuota(bytesPerDay: number): (source: string, bytes: number, at: number) => boolean {
  const taken = new Map<string, number>()
  let day = 0
  return (source, bytes, at) => {
    const today = Math.floor(at / DAY_MS)
    if (today > day) {
      taken.clear()
      day = today
    }
    const total = (taken.get(source) ?? 0) + bytes
    if (total > bytesPerDay) return false
    taken.set(source, total)
    return true
  }
}
