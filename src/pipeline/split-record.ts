import {
  decodeIdHashes,
  decodeRecord,
  encodeRecord,
  ID_HASH_BYTES,
  isEventGroup,
  type RecordLine,
} from './record.ts'

/** Room for the header of a part beside its lines. */
const HEADER_BYTES = 4096

/**
 * A record as several of at most about `maxBytes`, for a stream that takes no larger ones. Each part says which it is;
 * the first keeps the request's counts, so that nothing is counted twice. A line that is too large alone is a part by itself.
 */
export function splitRecord(data: Uint8Array, maxBytes: number): Uint8Array[] {
  const { header } = decodeRecord(data)
  const { groups: _groups, ...fields } = header
  return partsOf(linesOf(data), maxBytes - HEADER_BYTES).map((lines, part) => {
    const counts = part === 0 ? {} : { duplicates: {}, rejected: {} }
    return encodeRecord({ ...fields, ...counts, part }, lines)
  })
}

function linesOf(data: Uint8Array): RecordLine[] {
  const hashes = Buffer.from(decodeIdHashes(data))
  let at = 0
  return decodeRecord(data).groups.flatMap(({ name, lines }) =>
    lines.map((bytes): RecordLine => {
      const line = Buffer.from(bytes).toString('utf8')
      if (!isEventGroup(name)) return { group: name, line }
      const id_hash = hashes.toString('latin1', at, at + ID_HASH_BYTES)
      at += ID_HASH_BYTES
      return { group: name, line, id_hash }
    }),
  )
}

function partsOf(lines: readonly RecordLine[], maxBytes: number): RecordLine[][] {
  const parts: RecordLine[][] = []
  let bytes = 0
  for (const line of lines) {
    const size = Buffer.byteLength(line.line) + ID_HASH_BYTES + 1
    const part = parts.at(-1)
    if (part && bytes + size <= maxBytes) {
      part.push(line)
      bytes += size
    } else {
      parts.push([line])
      bytes = size
    }
  }
  return parts
}
