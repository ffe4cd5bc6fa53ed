import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openLmdbStore } from '../../src/local/lmdb-store.ts'
import { storeContract } from './store.ts'
import { storeReaderContract } from './store-reader.ts'

const made: string[] = []

async function freshDirectory(): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'shoplake-store-'))
  made.push(directory)
  return directory
}

afterAll(() => Promise.all(made.map((directory) => rm(directory, { recursive: true }))))

storeContract('lmdb', async () => {
  const directory = await freshDirectory()
  return { open: () => openLmdbStore({ directory }) }
})

storeReaderContract('lmdb', async () => {
  const store = await openLmdbStore({ directory: await freshDirectory() })
  return { reader: store, change: store.change, close: store.close }
})

async function bytesUnder(directory: string): Promise<Buffer> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Buffer.concat(
    await Promise.all(files.map((file) => readFile(path.join(file.parentPath, file.name)))),
  )
}

describe('lmdb store', () => {
  it('leaves no byte of a deleted document after a scrub, while reads go on', async () => {
    const directory = await freshDirectory()
    const store = await openLmdbStore({ directory })
    const positions = (last: number) => [last, ...Array(15).fill(0)]
    const document = (id: number) => ({ text: `person-${id} `.repeat(40 + (id % 400)) })
    for (let round = 1; round <= 5; round++) {
      const changes = Array.from({ length: 300 }, (_, id) => ({
        table: 'orders' as const,
        key: `order-${id}`,
        document: document(id),
      }))
      await store.apply(positions(round), changes, [])
    }
    const gone = Array.from({ length: 150 }, (_, id) => ({
      table: 'orders' as const,
      key: `order-${id * 2}`,
      document: null,
    }))
    await store.change(gone)
    expect((await bytesUnder(directory)).includes('person-100 ')).toBe(true)
    const scrubbed = store.scrub()
    let reads = 0
    const reading = setInterval(() => {
      expect(store.get('orders', 'order-1')).toEqual(document(1))
      reads++
    }, 0)
    await scrubbed
    clearInterval(reading)
    expect(store.get('orders', 'order-1')).toEqual(document(1))
    const bytes = await bytesUnder(directory)
    expect(gone.filter(({ key }) => bytes.includes(`person-${key.slice(6)} `))).toEqual([])
    expect(bytes.includes('person-101 ')).toBe(true)
    expect(store.list('orders', { limit: 999 })).toHaveLength(150)
    await store.close()
    expect(reads).toBeGreaterThanOrEqual(0)
  })

  it('is not scrubbed into the reserve of the disk', async () => {
    const directory = await freshDirectory()
    let free = 10_000_000
    const disk = { disk_reserve_bytes: 10_000_000, freeBytes: () => free }
    const store = await openLmdbStore({ directory, ...disk })
    await store.change([{ table: 'orders', key: 'o1', document: { a: 1 } }])
    await expect(store.scrub()).rejects.toMatchObject({ code: 'disk_full' })
    const generations = async () =>
      (await readdir(directory)).filter((name) => name.startsWith('generation'))
    expect(await generations()).toEqual(['generation-1'])
    free *= 2
    await store.scrub()
    expect(await generations()).toEqual(['generation-2'])
    expect(store.get('orders', 'o1')).toEqual({ a: 1 })
    await store.close()
  })

  it('forgets what a crash left half made', async () => {
    const directory = await freshDirectory()
    const store = await openLmdbStore({ directory })
    await store.change([{ table: 'orders', key: 'o1', document: { a: 1 } }])
    const unfinished = await store.rebuild([])
    await unfinished.change([{ table: 'orders', key: 'o2', document: { a: 2 } }])
    await store.close()
    const again = await openLmdbStore({ directory })
    expect(again.list('orders', { limit: 9 })).toEqual([{ key: 'o1', document: { a: 1 } }])
    await again.close()
    const left = (await readdir(directory)).filter((name) => !name.startsWith('mutex'))
    expect(left.sort()).toEqual(['CURRENT', 'generation-1'])
  })

  it('can be read by another opener', async () => {
    const directory = await freshDirectory()
    const store = await openLmdbStore({ directory })
    await store.change([{ table: 'orders', key: 'o1', document: { a: 1 } }])
    await store.close()
    const reader = await openLmdbStore({ directory, readOnly: true })
    expect(reader.get('orders', 'o1')).toEqual({ a: 1 })
    await reader.close()
  })
})
