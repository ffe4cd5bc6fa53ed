import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

const LIMIT_KB = 2000

test('a store that cannot grow refuses, keeps what it had, and its process lives', async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'shoplake-full-'))
  try {
    const script = path.join(directory, 'store-child.mjs')
    await bundle(script)
    const limited = `trap '' XFSZ; ulimit -f ${LIMIT_KB}; exec "$0" "$1" "$2"`
    const args = ['-c', limited, process.execPath, script, path.join(directory, 'store')]
    const said = JSON.parse(execFileSync('bash', args, { encoding: 'utf8', stdio: 'pipe' }))
    expect(said.code).toMatch(/^(disk_full|store_unavailable)$/)
    expect(said.refused).toBeGreaterThan(1)
    expect(said).toMatchObject({ checkpoint: said.refused - 1, isWhole: true })
  } finally {
    await rm(directory, { recursive: true })
  }
})

/** The bundle lies outside the repository, where `lmdb` could not be found by its name. */
async function bundle(outfile: string): Promise<void> {
  const lmdb = createRequire(import.meta.url).resolve('lmdb')
  await build({
    entryPoints: [path.join(import.meta.dirname, 'store-child.ts')],
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
