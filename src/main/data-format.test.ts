import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { claimFormat, readFormat } from './data-format.ts'

let directory = ''
let file = ''
beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'shoplake-format-'))
  file = path.join(directory, 'format.json')
})
afterEach(() => rmSync(directory, { recursive: true }))

test('a directory without a format gets one, whole, and keeps it', () => {
  expect(readFormat(directory, '1.2.3')).toBeUndefined()
  claimFormat(directory, '1.2.3')
  const written = readFileSync(file, 'utf8')
  expect(JSON.parse(written)).toMatchObject({ format: 2, written_by: '1.2.3' })
  claimFormat(directory, '1.2.4')
  expect(readFileSync(file, 'utf8')).toBe(written)
})

test('an older format is one that this program goes on with', () => {
  writeFileSync(file, '{"format":1,"written_by":"0.0.1"}')
  expect(readFormat(directory, '1.2.3')).toEqual({ format: 1, written_by: '0.0.1' })
  claimFormat(directory, '1.2.3')
  expect(readFormat(directory, '1.2.3')).toEqual({ format: 2, written_by: '1.2.3' })
})

test('a later format is refused, and stays as it is', () => {
  const later = '{"format":99,"written_by":"9.8.7"}'
  writeFileSync(file, later)
  expect(() => claimFormat(directory, '1.2.3')).toThrow(
    /format 99, written by shoplake 9\.8\.7.*install 9\.8\.7/,
  )
  expect(readFileSync(file, 'utf8')).toBe(later)
})

test.each(['', '{', 'null', '[]', '{"format":"1","written_by":"a"}', '{"format":1}'])(
  '%j is damage',
  (text) => {
    writeFileSync(file, text)
    expect(() => claimFormat(directory, '1.2.3')).toThrow(/names no format/)
    expect(existsSync(file)).toBe(true)
  },
)
