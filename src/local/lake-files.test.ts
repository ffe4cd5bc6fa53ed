import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { flushed } from '../../test/flushed.ts'
import { publishFile, removeOrphans, UNFINISHED } from './lake-files.ts'
import { makeDirectory } from './sync-path.ts'

let lake = ''
beforeEach(async () => {
  lake = await mkdtemp(path.join(os.tmpdir(), 'shoplake-files-'))
  await mkdir(path.join(lake, UNFINISHED))
})
afterEach(() => rm(lake, { recursive: true }))

test('a file is flushed before it has its name, and so is each directory that holds a new name', async () => {
  const from = path.join(lake, UNFINISHED, 'a.parquet')
  const folder = 'page_view/dt=2025-01-01'
  await writeFile(from, 'bytes')
  expect(await flushed(lake, () => publishFile(from, lake, `${folder}/a.parquet`))).toEqual([
    `${UNFINISHED}/a.parquet`,
    'page_view',
    '',
    folder,
  ])
  await writeFile(from, 'more')
  expect(await flushed(lake, () => publishFile(from, lake, `${folder}/b.parquet`))).toEqual([
    `${UNFINISHED}/a.parquet`,
    folder,
  ])
  expect((await stat(path.join(lake, folder, 'b.parquet'))).size).toBe(4)
})

test('directories that an attempt before has made are flushed, too', async () => {
  const from = path.join(lake, UNFINISHED, 'a.parquet')
  const folder = 'page_view/dt=2025-01-01'
  await mkdir(path.join(lake, folder), { recursive: true })
  await writeFile(from, 'bytes')
  const names = await flushed(lake, () => publishFile(from, lake, `${folder}/a.parquet`))
  expect(names).toEqual([`${UNFINISHED}/a.parquet`, 'page_view', '', folder])
})

test('a directory that could not be flushed is flushed the next time', async () => {
  const made = path.join(lake, 'page_view', 'dt=2025-01-01')
  const refused = flushed(lake, () => makeDirectory(made, lake), 'page_view')
  await expect(refused).rejects.toThrow('page_view cannot be flushed')
  expect(await flushed(lake, () => makeDirectory(made, lake))).toEqual(['page_view', ''])
  expect(await flushed(lake, () => makeDirectory(made, lake))).toEqual([])
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
