import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { removeServer, startServer, temporaryDirectory, until } from './server.ts'
import { shoplake } from './shoplake.ts'

/** Data directories as earlier releases left them when they were killed, and what they answered; see scripts/data-fixture.mjs. */
const FIXTURES = path.resolve('test/fixtures')
const EXPECTED = 'expected.json'
const HOOK_MS = 180_000
/** The fixtures grow older; what is kept by age must not go from under the test. */
const KEEP = ['--dead-letter-days', '3650']

const directories: string[] = []
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
})

function unpack(name: string): string {
  const directory = temporaryDirectory()
  directories.push(directory)
  const from = path.join(FIXTURES, name)
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === EXPECTED) continue
    const packed = path.join(entry.parentPath, entry.name)
    const file = path.join(directory, path.relative(from, packed).replace(/\.gz$/, ''))
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, gunzipSync(readFileSync(packed)), { mode: 0o600 })
  }
  return directory
}

describe.each(readdirSync(FIXTURES))('the data directory of %s', (name) => {
  test(
    'is opened, answers as it did, goes on, and balances',
    async () => {
      const expected = JSON.parse(readFileSync(path.join(FIXTURES, name, EXPECTED), 'utf8'))
      const server = await startServer(unpack(name), KEEP)
      const ledger = async () => (await server.call('/v1/ledger?from=1970-01-01')).body
      try {
        // One order was acknowledged after everything that the answers knew, and no consumer had seen it.
        const received = expected.totals.received + 1
        await until(async () => {
          const { totals, balanced } = await ledger()
          return balanced && totals.received === received && totals.pending_store === 0
        })
        await until(async () => (await server.sql(LATE)).length === 1)
        expect((await server.call('/v1/orders/o-late')).body).toMatchObject({
          customer_id: 'c-kept',
        })
        for (const [sql, rows] of Object.entries(expected.sql))
          expect(await server.sql(sql), sql).toEqual(rows)
        for (const [route, body] of Object.entries(expected.routes))
          expect((await server.call(route)).body, route).toEqual(body)

        const again = [order('o-new'), order('o-late')]
        const { body } = await server.post(JSON.stringify(again), { 'x-api-key': 'sk_dev' })
        expect(body.accepted + body.duplicates).toBe(2)
        const verified = await shoplake(['verify', '--data-dir', server.directory])
        expect(verified.stdout).not.toMatch(/NO$/m)
        expect(verified.code).toBe(0)
        expect(await server.sql(LATE)).toEqual([['o-late']])
      } finally {
        await removeServer(server)
      }
    },
    HOOK_MS,
  )
})

const LATE = "select order_id from order_created where order_id = 'o-late'"

function order(order_id: string) {
  return {
    event_type: 'order_created',
    timestamp: '2025-03-01T12:00:00Z',
    order_id,
    customer_id: 'c-kept',
    items: [{ product_id: 'p-1', quantity: 2, price: '9.99' }],
    total_amount: '19.98',
  }
}

describe('a data directory of a later release', () => {
  const later = { format: 999, written_by: '9.8.7' }

  function laterDirectory(): string {
    const directory = unpack('data-0.1')
    writeFileSync(path.join(directory, 'format.json'), JSON.stringify(later))
    return directory
  }

  test(
    'is refused by every command that would open it, with what to install, and stays as it is',
    async () => {
      const directory = laterDirectory()
      const before = filesOf(directory)
      for (const words of [['start'], ['sql', 'select 1'], ['rebuild'], ['verify']]) {
        const ended = await shoplake([...words, '--data-dir', directory])
        expect(ended.code, words[0]).toBe(1)
        expect(ended.stderr).toMatch(/format 999, written by shoplake 9\.8\.7.*install 9\.8\.7/)
      }
      expect(filesOf(directory)).toEqual(before)
      const examined = await shoplake(['doctor', '--data-dir', directory])
      expect(examined.code).toBe(3)
      expect(examined.stdout + examined.stderr).toMatch(/format 999/)
    },
    HOOK_MS,
  )

  test('is no backup that this program restores', async () => {
    const to = path.join(temporaryDirectory(), 'restored')
    directories.push(path.dirname(to))
    const ended = await shoplake(['restore', laterDirectory(), '--data-dir', to])
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringMatching(/format 999/)])
  })

  test('a format that cannot be read is damage, not a new directory', async () => {
    const directory = laterDirectory()
    writeFileSync(path.join(directory, 'format.json'), '{"form')
    const ended = await shoplake(['start', '--data-dir', directory])
    expect([ended.code, ended.stderr]).toEqual([1, expect.stringMatching(/names no format/)])
  })
})

/** All but what a process leaves that only looked. */
function filesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name !== 'run' && !name.startsWith(`run${path.sep}`))
    .sort()
}
