import { readlinkSync } from 'node:fs'
import { type FileHandle, mkdir, mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { publishFile, removeOrphans, UNFINISHED } from './lake-files.ts'

let lake = ''
beforeEach(async () => {
  lake = await mkdtemp(path.join(os.tmpdir(), 'shoplake-files-'))
  await mkdir(path.join(lake, UNFINISHED))
})
afterEach(() => rm(lake, { recursive: true }))

/** What is flushed to disk while `work` runs, by name under the lake, in order. */
async function flushed(work: () => Promise<void>): Promise<string[]> {
  const handle = await open(lake, 'r')
  const prototype = Object.getPrototypeOf(handle) as FileHandle
  await handle.close()
  const { sync } = prototype
  const names: string[] = []
  prototype.sync = function (this: FileHandle) {
    const name = readlinkSync(`/proc/self/fd/${this.fd}`)
    if (name.startsWith(lake)) names.push(path.relative(lake, name))
    return sync.call(this)
  }
  try {
    await work()
  } finally {
    prototype.sync = sync
  }
  return names
}

test('a file is flushed before it has its name, and each directory that holds a new name after', async () => {
  const from = path.join(lake, UNFINISHED, 'a.parquet')
  const folder = 'page_view/dt=2025-01-01'
  await writeFile(from, 'bytes')
  expect(await flushed(() => publishFile(from, lake, `${folder}/a.parquet`))).toEqual([
    `${UNFINISHED}/a.parquet`,
    folder,
    'page_view',
    '',
  ])
  await writeFile(from, 'more')
  expect(await flushed(() => publishFile(from, lake, `${folder}/b.parquet`))).toEqual([
    `${UNFINISHED}/a.parquet`,
    folder,
  ])
  expect((await stat(path.join(lake, folder, 'b.parquet'))).size).toBe(4)
})

test('only files of ours that no list names go at a start', async () => {
  const folder = path.join(lake, 'page_view', 'dt=2025-01-01')
  await mkdir(folder, { recursive: true })
  const names = ['0-000000000001.parquet', '0-000000000002.parquet', 'of-somebody-else.parquet']
  for (const name of names) await writeFile(path.join(folder, name), 'x')
  await writeFile(path.join(lake, UNFINISHED, 'half.parquet'), 'x')
  const listed = new Set([`page_view/dt=2025-01-01/${names[0]}`])
  expect(await removeOrphans(lake, listed)).toBe(1)
  await expect(stat(path.join(folder, names[1]!))).rejects.toMatchObject({ code: 'ENOENT' })
  expect((await stat(path.join(folder, names[2]!))).size).toBe(1)
  await expect(stat(path.join(lake, UNFINISHED, 'half.parquet'))).rejects.toThrow()
})
