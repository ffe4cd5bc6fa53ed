import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeIdHashes, decodeRecord, encodeRecord, type RecordLine } from './record.ts'
import { splitRecord } from './split-record.ts'

const FIELDS = {
  request_id: 'r1',
  received_at: 1_736_937_001_000,
  source: 'shop',
  source_kind: 'server',
  dedup_from: 0,
  duplicates: { search: 2 },
  rejected: { unknown: 1 },
} as const

const line = fc.oneof(
  fc.record({
    group: fc.constantFrom('search' as const, 'page_view' as const),
    line: fc.string({ maxLength: 3000 }).map((text) => JSON.stringify({ text })),
    id_hash: fc
      .uint8Array({ minLength: 16, maxLength: 16 })
      .map((b) => Buffer.from(b).toString('latin1')),
  }),
  fc.record({ group: fc.constant('dead_letter' as const), line: fc.constant('{"raw":"x"}') }),
)

test('parts hold every line and hash once, and the counts of the request once', () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 40 }), (lines: RecordLine[]) => {
      const whole = encodeRecord(FIELDS, lines)
      const parts = splitRecord(whole, 10_000)
      for (const part of parts) expect(part.length).toBeLessThanOrEqual(10_000)
      const headers = parts.map((part) => decodeRecord(part).header)
      expect(headers.map((header) => header.part)).toEqual(parts.map((_, index) => index))
      expect(headers.filter((header) => header.duplicates.search === 2)).toHaveLength(1)
      expect(headers.filter((header) => header.rejected.unknown === 1)).toHaveLength(1)
      expect(textsOf(parts)).toEqual(textsOf([whole]))
      const hashes = Buffer.concat(parts.map(decodeIdHashes))
      expect(hashes.length).toBe(decodeIdHashes(whole).length)
    }),
  )
})

function textsOf(records: readonly Uint8Array[]): { [group: string]: string[] } {
  const found: { [group: string]: string[] } = {}
  for (const record of records) {
    for (const { name, lines } of decodeRecord(record).groups) {
      found[name] ??= []
      found[name].push(...lines.map((bytes) => Buffer.from(bytes).toString()))
    }
  }
  return found
}
