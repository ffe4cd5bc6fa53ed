import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ShoplakeError } from '../errors.ts'
import { brokenBody, type Decoded, decodeBody, parsedValues } from './decode.ts'

function decode(body: string | Uint8Array, format: 'json' | 'ndjson' = 'json'): Decoded {
  const decoded = decodeBody(typeof body === 'string' ? Buffer.from(body) : body, format, 100)
  if (!('values' in decoded)) throw new Error(`malformed: ${decoded.malformed}`)
  return decoded
}

function raws(decoded: Decoded): (string | Uint8Array)[] {
  return decoded.values.map((_, index) => decoded.raw(index))
}

test('one object, an array and an envelope are the events that they hold', () => {
  expect(decode('{"event_type":"a"}').values).toEqual([{ event_type: 'a' }])
  expect(decode('[{"a":1},2]').values).toEqual([{ a: 1 }, 2])
  expect(decode('{"events":[{"a":1},null]}').values).toEqual([{ a: 1 }, null])
  expect(decode('[]').values).toEqual([])
  expect(decode('7').values).toEqual([7])
})

test('an event that has a field named events is still one event', () => {
  const event = { event_type: 'a', events: [1, 2] }
  expect(decode(JSON.stringify(event)).values).toEqual([event])
  expect(decode('{"events":"none"}').values).toEqual([{ events: 'none' }])
})

test('a byte order mark is skipped', () => {
  expect(decode('\ufeff{"a":1}').values).toEqual([{ a: 1 }])
  expect(decode('\ufeff{"a":1}\n{"a":2}', 'ndjson').values).toEqual([{ a: 1 }, { a: 2 }])
})

test('a bad line of NDJSON is lost alone, with its text', () => {
  const decoded = decode('{"a":1}\r\n\n{"a":\n{"a":3}', 'ndjson')
  expect(decoded.values).toEqual([{ a: 1 }, undefined, { a: 3 }])
  expect([...decoded.malformed.keys()]).toEqual([1])
  expect(raws(decoded)).toEqual(['{"a":1}', '{"a":', '{"a":3}'])
})

test('JSON whose first line stands alone is read as NDJSON', () => {
  expect(decode('{"a":1}\n{"a":2}').values).toEqual([{ a: 1 }, { a: 2 }])
})

test('bytes that are not UTF-8 lose their line only', () => {
  const body = Buffer.concat([Buffer.from('{"a":1}\n"'), Buffer.from([0xff]), Buffer.from('"\n2')])
  const decoded = decode(body, 'ndjson')
  expect(decoded.values).toEqual([{ a: 1 }, undefined, 2])
  expect(decoded.raw(1)).toEqual(Buffer.from([0x22, 0xff, 0x22]))
  expect(decodeBody(body, 'json', 100)).toEqual({ malformed: 'The text is not UTF-8.' })
})

test.each(['', '  \n ', 'hello', '{"a":1', '{"a":NaN}', '[1,]', '{"a":1}}'])(
  'refuses %j as a whole',
  (body) => {
    expect(decodeBody(Buffer.from(body), 'json', 100)).toHaveProperty('malformed')
  },
)

test('nothing but space is no NDJSON either', () => {
  expect(decodeBody(Buffer.from('\n \n'), 'ndjson', 100)).toHaveProperty('malformed')
})

test('too many events are refused in every form', () => {
  for (const [body, format] of [
    ['[1,2,3]', 'json'],
    ['{"events":[1,2,3]}', 'json'],
    ['1\n2\n3', 'ndjson'],
    ['1\n2\n\xff', 'ndjson'],
  ] as const) {
    const decoding = () => decodeBody(Buffer.from(body, 'latin1'), format, 2)
    expect(decoding).toThrow(ShoplakeError)
    expect(decoding).toThrow(/at most 2 events/)
  }
})

test('raw text of a batch is what was sent, byte for byte', () => {
  const events = ['{ "a" : "]},[{\\"" }', '12345678901234567890', '[[1,[2]],{}]', '"x\\\\"', '{}']
  expect(raws(decode(`[${events.join(' , ')}]`))).toEqual(events)
  const envelope = `{"x":{"events":[0]}, "events":[9], "e\\u0076ents" : [${events.join(',')}]}`
  expect(raws(decode(envelope))).toEqual(events)
})

test('raw text of any batch parses back to its events', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { maxLength: 8 }), fc.boolean(), (values, wrapped) => {
      const decoded = decode(JSON.stringify(wrapped ? { events: values } : values, null, 1))
      const again = raws(decoded).map((text) => JSON.parse(text as string))
      expect(again).toEqual(JSON.parse(JSON.stringify(values)))
    }),
  )
})

test('ten thousand nested arrays are one strange event', () => {
  const nested = '['.repeat(10_000) + ']'.repeat(10_000)
  expect(decode(nested).values).toHaveLength(1)
  expect(decode(nested).raw(0)).toBe(nested.slice(1, -1))
})

test('plain is claimed only where no text needs a second look', () => {
  expect(decode('{"a":"é😀"}').plain).toBe(true)
  expect(decode('{"a":"\\u00e9"}').plain).toBe(false)
  expect(decode('{"__proto__":1}').plain).toBe(false)
  expect(decode('{"__pr\\u006fto__":1}').plain).toBe(false)
})

test('whatever the bytes are, they are events or malformed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.constantFrom('json', 'ndjson'), (body, as) => {
      const decoded = decodeBody(body, as as 'json' | 'ndjson', 100)
      if ('values' in decoded) expect(raws(decoded)).toHaveLength(decoded.values.length)
      else expect(decoded.malformed).not.toBe('')
    }),
  )
})

test('values of a caller in process are shown as JSON where they can be', () => {
  const circle: { self?: unknown } = {}
  circle.self = circle
  const decoded = parsedValues([{ a: 1 }, undefined, circle])
  expect(decoded.plain).toBe(false)
  expect(raws(decoded).slice(0, 2)).toEqual(['{"a":1}', ''])
  expect(decoded.raw(2)).toMatch(/circular/)
})

test('a body that is not JSON counts as one event', () => {
  expect(brokenBody(Buffer.from('oops'), 'why')).toMatchObject({ values: [undefined] })
  expect(brokenBody(Buffer.from('oops'), 'why').raw(0)).toBe('oops')
  expect(brokenBody(Buffer.from([0xff]), 'why').raw(0)).toEqual(Buffer.from([0xff]))
})
