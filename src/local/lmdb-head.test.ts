import { mkdtempSync, openSync, rmSync, truncateSync, writeSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openLakeMeta } from './lake-meta.ts'
import { refuseHeadless } from './lmdb-head.ts'

let directory: string

beforeEach(async () => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'shoplake-head-'))
  const meta = openLakeMeta({ directory })
  await meta.commit({ schema: { key: 'k', text: 'a INTEGER' } })
  await meta.close()
})

afterEach(() => rmSync(directory, { recursive: true, force: true }))

function overwrite(page: number): void {
  const handle = openSync(path.join(directory, 'data.mdb'), 'r+')
  writeSync(handle, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096)
}

it('passes what LMDB wrote, what is not there, and what is being made', () => {
  expect(() => refuseHeadless(directory)).not.toThrow()
  expect(() => refuseHeadless(path.join(directory, 'nowhere'))).not.toThrow()
  truncateSync(path.join(directory, 'data.mdb'), 100)
  expect(() => refuseHeadless(directory)).not.toThrow()
})

it('passes one torn head, as LMDB does, and refuses two', () => {
  overwrite(0)
  expect(() => refuseHeadless(directory)).not.toThrow()
  overwrite(1)
  expect(() => openLakeMeta({ directory })).toThrow(/both of its heads .*shoplake restore/)
})
