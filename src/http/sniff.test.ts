import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sniffFormat } from './events.ts'

const sniff = (text: string) => sniffFormat(Buffer.from(text))

describe('sniffFormat', () => {
  it.each([
    ['{"a":1}', 'json'],
    ['{"a":1}\n', 'json'],
    ['\n\n  {"a":1}\n\n', 'json'],
    ['[{"a":1},\n{"a":2}]', 'json'],
    ['{\n  "a": {}\n}', 'json'],
    ['', 'json'],
    ['\n', 'json'],
    ['{"a":1}\n{"a":2}', 'ndjson'],
    ['{"a":1}\r\n\r\n{"a":2}\r\n', 'ndjson'],
    ['  {"a":1}  \n  {"a":2}', 'ndjson'],
    ['{broken}\n{"a":2}', 'ndjson'],
  ])('%j is %s', (text, format) => {
    expect(sniff(text)).toBe(format)
  })

  it('never takes one JSON text for many, however it is laid out', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 1, 2, '\t', '\n'), (value, space) => {
        expect(sniff(JSON.stringify(value, null, space))).toBe('json')
      }),
    )
  })

  it('takes any two objects on two lines for many', () => {
    fc.assert(
      fc.property(fc.array(fc.object(), { minLength: 2, maxLength: 5 }), (values) => {
        expect(sniff(values.map((value) => JSON.stringify(value)).join('\n'))).toBe('ndjson')
      }),
    )
  })
})
