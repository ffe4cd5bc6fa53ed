import { expect, test } from 'vitest'
import {
  columnsOf,
  contact,
  count,
  currency,
  flag,
  id,
  integer,
  json,
  jsonSchemaOf,
  listOf,
  money,
  objectOf,
  oneOf,
  optional,
  required,
  type Scalar,
  struct,
  text,
  timestamp,
} from './scalar.ts'

const LINE = { sku: required(id(), 'Article.'), note: optional(text(5), 'Note.') }

const CASES: readonly [string, Scalar, readonly unknown[], readonly unknown[]][] = [
  ['id', id(3), ['a', 'abc', '🛒🛒🛒'], ['', 'abcd', '🛒🛒🛒🛒', 1, null]],
  ['text', text(3), ['', 'äöü'], ['abcd', 7, []]],
  ['timestamp', timestamp(), ['2025-01-15T10:30:00Z'], ['2025-01-15', 0]],
  ['money', money(), [0, 1.5, '1.5', -3], [1.23456, '1.23456', true, Number.NaN]],
  ['currency', currency(), ['USD', 'eur'], ['US', 'USDT', '$', 'ÄÖÜ', 1]],
  ['integer', integer(1, 5), [1, 5, 2.0], [0, 6, 1.5, '1', Number.NaN]],
  ['count', count(), [0, 2147483647], [-1, 2147483648]],
  ['flag', flag(), [true, false], [0, 'true', null]],
  ['oneOf', oneOf(['a', 'b']), ['a'], ['A', '', 1]],
  ['contact', contact(), ['x@y.z'], ['', 'x'.repeat(321)]],
  ['json', json(), [{}, { a: [1, { b: null }] }], [[], 'x', null, 1]],
  ['struct', struct(LINE), [{ sku: 'a' }, { sku: 'a', note: null, more: 1 }], [{}, [], { sku: 1 }]],
  [
    'listOf',
    listOf(LINE, 1, 2),
    [[{ sku: 'a' }]],
    [[], [{}], [{ sku: 'a' }, { sku: 'b' }, {}], {}],
  ],
]

test.each(CASES)('%s takes what it should and nothing else', (_, scalar, good, bad) => {
  for (const value of good) expect(scalar.check.safeParse(value).success, `${value}`).toBe(true)
  for (const value of bad) expect(scalar.check.safeParse(value).success, `${value}`).toBe(false)
})

test('an optional field may be null or absent, a required one may not', () => {
  const schema = objectOf(LINE)
  expect(schema.safeParse({ sku: 'a', note: null }).success).toBe(true)
  expect(schema.safeParse({ sku: 'a' }).success).toBe(true)
  expect(schema.safeParse({ sku: null }).success).toBe(false)
})

test('a contact is stored under the name of its hash', () => {
  const [column] = columnsOf({ email: optional(contact(), 'Address.') })
  expect(column).toMatchObject({ name: 'email_hash', identity: true, column: { kind: 'string' } })
})

test('the published schema names what is required', () => {
  expect(jsonSchemaOf(LINE)).toMatchObject({ type: 'object', required: ['sku'] })
})
