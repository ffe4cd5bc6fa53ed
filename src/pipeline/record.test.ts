import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeHeader,
  decodeIdHashes,
  decodeRecord,
  encodeRecord,
  eventCount,
  type HeaderFields,
  type RecordLine,
} from './record.ts'

const HEADER: HeaderFields = {
  request_id: 'request-1',
  received_at: 1736937000000,
  source: 'shop',
  source_kind: 'server',
  dedup_from: 5,
  duplicates: { page_view: 2 },
  rejected: { unknown: 1 },
}

const LINE = fc
  .record({
    group: fc.constantFrom('page_view', 'order_created', 'dead_letter', 'tombstone'),
    text: fc.string({ unit: 'grapheme' }),
    id: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  })
  .map(({ group, text, id }): RecordLine => {
    const line = JSON.stringify({ text })
    const isEvent = group === 'page_view' || group === 'order_created'
    const id_hash = Buffer.from(id).toString('latin1')
    return (isEvent ? { group, line, id_hash } : { group, line }) as RecordLine
  })

test('what is encoded comes back: header, hashes and lines, grouped and in order', () => {
  fc.assert(
    fc.property(fc.array(LINE, { maxLength: 20 }), (lines) => {
      const data = encodeRecord(HEADER, lines)
      const record = decodeRecord(data)
      expect(record.header).toMatchObject(HEADER)
      const names = [...new Set(lines.map((line) => line.group))]
      expect(record.groups.map((group) => group.name)).toEqual(names)
      const grouped = names.flatMap((name) => lines.filter((line) => line.group === name))
      const texts = record.groups.flatMap((group) =>
        group.lines.map((line) => `${Buffer.from(line)}`),
      )
      expect(texts).toEqual(grouped.map((line) => line.line))
      const hashes = grouped.map((line) => line.id_hash ?? '').join('')
      expect(Buffer.from(decodeIdHashes(data)).toString('latin1')).toBe(hashes)
      expect(eventCount(record.header) * 16).toBe(hashes.length)
    }),
  )
})

test('a record is read from the middle of a larger buffer', () => {
  const data = encodeRecord(HEADER, [{ group: 'page_view', line: '{}', id_hash: 'x'.repeat(16) }])
  const padded = new Uint8Array(data.length + 20)
  padded.set(data, 7)
  const view = padded.subarray(7, 7 + data.length)
  expect(decodeRecord(view).groups[0]!.lines[0]).toEqual(Buffer.from('{}'))
  expect(decodeIdHashes(view)).toEqual(Buffer.from('x'.repeat(16)))
})

test('foreign and cut bytes are refused', () => {
  const data = encodeRecord(HEADER, [{ group: 'page_view', line: '{}', id_hash: 'x'.repeat(16) }])
  expect(() => decodeHeader(new Uint8Array())).toThrow(/version/)
  expect(() => decodeHeader(Buffer.from('{"version":1}'))).toThrow(/version/)
  expect(() => decodeRecord(data.subarray(0, data.length - 1))).toThrow(/no end/)
})
