import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLmdbStore } from '../../src/local/lmdb-store.ts'

const LIMIT_KB = 2000
let directory: string
let store: string

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'shoplake-full-'))
  store = path.join(directory, 'store')
})

afterEach(() => rm(directory, { recursive: true }))

test('a store that cannot grow refuses, keeps what it had, and its process lives', async () => {
  const said = await runLimited('store-child.ts')
  expect(said.code).toMatch(/^(disk_full|store_unavailable)$/)
  expect(said.refused).toBeGreaterThan(1)
  expect(said).toMatchObject({ checkpoint: Number(said.refused) - 1, isWhole: true })
})

test('a copy of the store that fails leaves nothing of it on the disk, however often it is tried', async () => {
  const filling = await openLmdbStore({ directory: store, buckets: 1 })
  const note = 'x'.repeat(2 * 10 * LIMIT_KB)
  await filling.change(
    Array.from({ length: 100 }, (_, id) => ({
      table: 'orders' as const,
      key: `o${id}`,
      document: { note },
    })),
  )
  await filling.close()
  const said = await runLimited('scrub-child.ts')
  const codes = said.codes as string[]
  expect(codes.filter((code) => !/^(disk_full|store_unavailable)$/.test(code))).toEqual([])
  expect(said.isWhole).toBe(true)
  expect(readdirSync(store).filter((name) => name.startsWith('generation'))).toEqual([
    'generation-1',
  ])
})

/** What a child that is given the store's directory says, when no file of its may become larger than the limit. */
async function runLimited(child: string): Promise<{ [name: string]: unknown }> {
  const script = path.join(directory, 'child.mjs')
  await bundle(child, script)
  const limited = `trap '' XFSZ; ulimit -f ${LIMIT_KB}; exec "$0" "$1" "$2"`
  const args = ['-c', limited, process.execPath, script, store]
  return JSON.parse(execFileSync('bash', args, { encoding: 'utf8', stdio: 'pipe' }))
}

/** The bundle lies outside the repository, where `lmdb` could not be found by its name. */
async function bundle(child: string, outfile: string): Promise<void> {
  const lmdb = createRequire(import.meta.url).resolve('lmdb')
  await build({
    entryPoints: [path.join(import.meta.dirname, child)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    plugins: [
      {
        name: 'lmdb',
        setup(plugin) {
          plugin.onResolve({ filter: /^lmdb$/ }, () => ({ path: lmdb, external: true }))
        },
      },
    ],
  })
}
