import { createGunzip } from 'node:zlib'
import { ShoplakeError } from '../errors.ts'
import type { Call } from './call.ts'

/** Bodies up to this stated length are read in one piece: the server counts them, and so many connections fit in memory. */
const WHOLE_BYTES = 16_384

/** Bytes of all bodies that are being handled, bounded. */
export interface Inflight {
  /** A share that grows with what is read; give it back in every case. */
  open(): InflightShare
  bytes(): number
}

export interface InflightShare {
  /** Throws overloaded (503) beyond the bound. */
  add(bytes: number): void
  close(): void
}

export function createInflight(maxBytes: number): Inflight {
  let total = 0
  return {
    bytes: () => total,
    open() {
      let held = 0
      return {
        add(bytes) {
          if (total + bytes > maxBytes) {
            throw new ShoplakeError('overloaded', 'too many bytes are being handled; send again', {
              retryAfterS: 1,
            })
          }
          total += bytes
          held += bytes
        },
        close() {
          total -= held
          held = 0
        },
      }
    },
  }
}

/**
 * The body, inflated. Never holds more than `maxBytes` of it, read or inflated.
 * Throws too_large, unsupported_encoding, malformed_json (damaged gzip) or overloaded.
 */
export async function readBody(
  call: Call,
  maxBytes: number,
  share: InflightShare,
): Promise<Uint8Array> {
  const encoding = (call.header('content-encoding') ?? 'identity').trim().toLowerCase()
  const gzipped = encoding === 'gzip' || encoding === 'x-gzip'
  if (!gzipped && encoding !== 'identity' && encoding !== '') {
    throw new ShoplakeError(
      'unsupported_encoding',
      `content-encoding "${encoding.slice(0, 50)}" is not taken; send gzip or no encoding`,
    )
  }
  const raw = await readRaw(call, maxBytes, share)
  if (!gzipped) return raw
  return await gunzipBounded(raw, maxBytes, share)
}

async function readRaw(call: Call, maxBytes: number, share: InflightShare): Promise<Uint8Array> {
  const stated = Number(call.header('content-length') ?? Number.NaN)
  if (stated > maxBytes) throw tooLarge(maxBytes)
  try {
    if (stated > Math.min(WHOLE_BYTES, maxBytes) || Number.isNaN(stated)) {
      return await joinChunks(call.chunks(), maxBytes, share)
    }
    const body = await call.whole()
    share.add(body.length)
    return body
  } catch (cause) {
    if (cause instanceof ShoplakeError) throw cause
    // Nobody may be left to read this; but it is the sender who went, and no fault of ours.
    throw new ShoplakeError('bad_request', 'the body ended before it was whole', { cause })
  }
}

/** Counts each chunk as it comes: what is refused halfway was never held whole. */
async function joinChunks(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
  share: InflightShare,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of source) {
    length += chunk.length
    if (length > maxBytes) throw tooLarge(maxBytes)
    share.add(chunk.length)
    chunks.push(chunk)
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length)
}

async function gunzipBounded(
  bytes: Uint8Array,
  maxBytes: number,
  share: InflightShare,
): Promise<Uint8Array> {
  const inflating = createGunzip()
  inflating.end(bytes)
  try {
    return await joinChunks(inflating, maxBytes, share)
  } catch (cause) {
    if (cause instanceof ShoplakeError) throw cause
    throw new ShoplakeError('malformed_json', 'the gzip body is damaged or cut off', { cause })
  }
}

function tooLarge(maxBytes: number): ShoplakeError {
  return new ShoplakeError(
    'too_large',
    `a body may hold ${maxBytes} bytes, before and after inflating; send fewer events at once`,
  )
}

/** A JSON body of a management route. Throws bad_request when it is not one object, too_large beyond 1 MB. */
export async function readJsonObject(
  call: Call,
  inflight: Inflight,
): Promise<{ [name: string]: unknown }> {
  const type = mediaType(call.header('content-type'))
  if (type !== 'application/json') {
    throw new ShoplakeError('unsupported_type', 'send content-type application/json')
  }
  const share = inflight.open()
  try {
    const bytes = await readBody(call, 1_000_000, share)
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes) || '{}')
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause
    throw new ShoplakeError('malformed_json', 'the body is not JSON', { cause })
  } finally {
    share.close()
  }
  throw new ShoplakeError('bad_request', 'the body must be one JSON object')
}

/** Type and subtype in lower case, without parameters; undefined without a header. */
export function mediaType(header: string | undefined): string | undefined {
  return header?.replace(/;.*$/s, '').trim().toLowerCase() || undefined
}
