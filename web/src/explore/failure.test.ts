import { expect, test } from 'vitest'
import { failureOf } from './failure.ts'

test('a failure is words and a line', () => {
  const message =
    'Catalog Error: Scalar Function with name foo does not exist!\nDid you mean "floor"?\n\nLINE 2:  foo(2)\n         ^'
  expect(failureOf(message, 'select 1,\n foo(2)')).toEqual({
    text: 'Scalar Function with name foo does not exist!\nDid you mean "floor"?',
    line: 2,
  })
  expect(failureOf('syntax error at or near "frm"', 'select 1\nfrm orders')).toEqual({
    text: 'syntax error at or near "frm"',
    line: 2,
  })
  expect(failureOf('COPY is not allowed', 'copy x')).toEqual({
    text: 'COPY is not allowed',
    line: undefined,
  })
})
