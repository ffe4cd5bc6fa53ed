import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLmdbStore } from '../../src/local/lmdb-store.ts'
import { dumpStore } from '../pipeline/store-fixture.ts'
import { removeServer, startServer, type TestServer, temporaryDirectory, until } from './server.ts'
import { shoplake } from './shoplake.ts'

const root = temporaryDirectory()
const nowhere = path.join(root, 'nowhere')

afterAll(() => rmSync(root, { recursive: true, force: true }))

function putFaultyReport(dataDir: string): void {
  mkdirSync(path.join(dataDir, 'reports'), { recursive: true })
  writeFileSync(path.join(dataDir, 'reports', 'faulty.sql'), '-- titel: Faulty\nSELECT 1\n')
}

describe('what cannot be meant', () => {
  test.each([
    { words: ['dance'], says: /unknown command 'dance'/ },
    { words: ['sql'], says: /missing required argument 'query'/ },
    { words: ['status', '--colour'], says: /unknown option '--colour'/ },
    { words: ['start', '--port', 'abc'], says: /port is "abc"; it must be a whole number/ },
    { words: ['dev', '--demo-days', 'abc'], says: /'--demo-days.*'abc'.*whole number/ },
    { words: ['keys', 'create', 'A B'], says: /a key name has/ },
    { words: ['rebuild', 'everything'], says: /only of "store"/ },
    { words: ['erase', 'cust_1'], says: /add --yes/ },
    { words: ['compact', '--url', 'http://127.0.0.1:1'], says: /of this machine/ },
    { words: ['sql', 'select 1', '--format', 'xml'], says: /table, json, csv/ },
    {
      words: ['keys', 'list', '--url', 'http://127.0.0.1:1'],
      says: /keys works on .*this machine/,
    },
    { words: ['keys', 'create', 'a', '--scope', 'all'], says: /write, read, admin/ },
    {
      words: ['keys', 'create', 'a', '--rate', 'abc'],
      says: /'--rate.*'abc'.*whole number from 1/,
    },
    { words: ['status', '--url', 'localhost:1'], says: /'--url.*write it as http/ },
    { words: ['dead-letters', 'list', '--limit', 'abc'], says: /'--limit.*'abc'.*from 1 to 500/ },
    { words: ['replay', '--reason', 'bored'], says: /'--reason.*unknown_event_type/ },
    { words: ['replay', 'some-id', '--status', 'open'], says: /either ids or a filter/ },
    { words: ['report', 'channels', '--param', 'x'], says: /'--param.*'x'.*name=value/ },
    { words: ['report', 'channels', '--from', '2025-02-30'], says: /'--from.*a day such as/ },
    { words: ['deploy', '--time-zone', 'Mars/Base'], says: /'--time-zone.*'Mars\/Base'/ },
    { words: ['deploy', '--origin', 'shop.example'], says: /'--origin.*https:\/\/shop.example/ },
    { words: ['simulate', '--from', '2999-01-01'], says: /reach into the future/ },
    { words: ['import', '--mapping', 'none', '.'], says: /no mapping "none"; .* or one of/ },
  ])('$words is answered with 2 and a sentence', async ({ words, says }) => {
    const { code, stdout, stderr } = await shoplake([...words, '--data-dir', nowhere])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(says)
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  test.each([
    {
      words: ['status', '--url', 'http://127.0.0.1:1'],
      says: /cannot be reached.*shoplake doctor/,
    },
    { words: ['sql', 'select 1'], says: /there is no data in .*--data-dir.*--url/ },
    { words: ['send', path.join(root, 'none')], says: /none does not exist/ },
    { words: ['tail'], says: /no server runs on .*shoplake start/ },
    { words: ['backup', path.join(root, 'copy')], says: /holds no data yet/ },
    { words: ['restore', root], says: /is no backup of shoplake/ },
  ])('$words fails with 1, why, and what to do', async ({ words, says }) => {
    const { code, stderr } = await shoplake([...words, '--data-dir', nowhere])
    expect(code).toBe(1)
    expect(stderr).toMatch(says)
    expect(stderr).not.toMatch(/\n\s+at /)
  })
})

test.each([['start', '--port', '0'], ['status']])(
  '%s on a data directory that cannot be one says why',
  async (...words) => {
    const file = path.join(root, 'a-file')
    writeFileSync(file, '')
    const { code, stderr } = await shoplake([...words, '--data-dir', file])
    expect(code).toBe(2)
    expect(stderr).toMatch(/a-file cannot be used: a file is in its way .*--data-dir/)
  },
)

describe('doctor', () => {
  test('finds what is not well, and says what to do', async () => {
    const taken = createServer()
    const port = await new Promise<number>((resolve) =>
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port)),
    )
    const sick = path.join(root, 'sick')
    mkdirSync(sick)
    writeFileSync(path.join(sick, 'secret'), Buffer.alloc(32), { mode: 0o644 })
    putFaultyReport(sick)
    const words = ['doctor', '--json', '--port', String(port), '--data-dir', sick]
    const { code, json } = await shoplake(words)
    taken.close()
    expect(code).toBe(3)
    const bad = (json() as { check: string; ok: boolean; fix?: string }[]).filter(({ ok }) => !ok)
    expect(bad.map(({ check }) => check)).toEqual(['secret', 'own reports', 'port'])
    expect(bad.every(({ fix }) => fix !== undefined)).toBe(true)
  })

  test('finds nothing on a new directory', async () => {
    const words = ['doctor', '--port', '0', '--data-dir', path.join(root, 'new')]
    const { code, stdout } = await shoplake(words)
    expect(code).toBe(0)
    expect(stdout).toMatch(/clock +yes/)
  })
})

// Within the eight days that live minutes are kept: none falls out between a moment and the next.
const SIMULATED = ['simulate', '--days', '7', '--sessions-per-day', '630', '--seed', '3', '--json']

describe('beside a server, and after it', () => {
  let server: TestServer
  const directory = path.join(root, 'served')
  const here = ['--data-dir', directory]

  beforeAll(async () => {
    // Left out with a line in the log: no reason to take no events.
    putFaultyReport(directory)
    server = await startServer(directory)
  })

  afterAll(() => removeServer(server))

  test('a second server on the same data directory, or on a taken port, refuses clearly', async () => {
    const second = await shoplake(['start', '--port', '0', ...here])
    expect(second.code).toBe(1)
    expect(second.stderr).toMatch(
      new RegExp(`process ${server.child.pid} already serves .*data_dir_in_use`),
    )
    const { port } = new URL(server.url)
    const third = await shoplake(['start', '--port', port, '--data-dir', path.join(root, 'third')])
    expect(third.code).toBe(1)
    expect(third.stderr).toMatch(new RegExp(`port ${port} is taken by another program`))
  })

  test.each([
    { words: ['--from', '2025-02-01', '--to', '2025-01-01'], says: /from 2025-02-01 is after to/ },
    { words: ['--param', 'colour=red'], says: /top_products has no parameter "colour"; it takes/ },
  ])(
    'what the server does not understand was typed: report $words is answered with 2',
    async ({ words, says }) => {
      const { code, stdout, stderr } = await shoplake(['report', 'top_products', ...words, ...here])
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(says)
    },
  )

  test('events are sent, followed, counted and compacted', async () => {
    const event = { event_type: 'custom_event', timestamp: '2025-01-15T10:30:00Z', name: 'cli' }
    const following = shoplake(['tail', '--where', "event_type = 'custom_event'", ...here], {
      until: /"event_id":"after-/,
    })
    let tries = 0
    let seen = false
    void following.then(() => {
      seen = true
    })
    // It follows from its first look on: what came before is not its business.
    while (!seen) {
      const one = { ...event, event_id: `after-${tries++}` }
      const sent = await shoplake(['send', '-', '--json', ...here], { input: JSON.stringify(one) })
      expect(sent.json()).toMatchObject({ received: 1, accepted: 1, rejected: 0 })
    }
    const lines = (await following).stdout.trim().split('\n')
    expect(JSON.parse(lines[0]!)).toMatchObject({ event_type: 'custom_event', source: 'operator' })
    const refused = await shoplake(['send', '-', ...here], { input: '\n{"event_type":"none"}\n' })
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/^line 2: unknown_event_type: /),
    ])
    const status = await shoplake(['status', '--json', ...here])
    expect(status.code).toBe(0)
    expect(status.json()).toMatchObject({ ready: true, running: true, ledger: { balanced: true } })
    const compacted = await shoplake(['compact', '--json', ...here])
    expect(compacted.json()).toEqual({ files_before: 1, files: 1 })
  }, 180_000)

  test('an erase ends, also of somebody who was erased before', async () => {
    const erase = async () => {
      const { code, json } = await shoplake(['erase', 'nobody', '--yes', '--json', ...here])
      expect(code).toBe(0)
      return json() as { erasure_id: string; requested_at: string; places: { state: string }[] }
    }
    const first = await erase()
    const second = await erase()
    expect(second.erasure_id).toBe(first.erasure_id)
    expect(second.requested_at > first.requested_at).toBe(true)
    expect(second.places.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'expires'])
  }, 180_000)

  test('/metrics is one exposition of both processes, and counts what was started again', async () => {
    process.kill(server.pidOf('collect')!, 'SIGKILL')
    await until(async () => (await metrics())?.includes('shoplake_stream_bytes') ?? false)
    process.kill(server.pidOf('lake')!, 'SIGKILL')
    await until(async () => (await metrics())?.includes('{process="lake"} 1') ?? false)
    await until(async () => (await metrics())?.includes('_bytes{process="lake"}') ?? false)
    const text = (await metrics())!
    expect(text).toContain('shoplake_process_restarts_total{process="collect"} 1')
    expect(text).toMatch(/process_resident_memory_bytes\{process="collect"\} \d+/)
    expect(text).toMatch(/process_resident_memory_bytes\{process="lake"\} \d+/)
    const described = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)
    expect(described.length).toBeGreaterThan(20)
    expect(new Set(described).size).toBe(described.length)
    const series = [...text.matchAll(/^([a-z]\S+) /gm)].map(([, name]) => name)
    expect(new Set(series).size).toBe(series.length)
    // A gauge of one process is not told as 0 by the other.
    expect(text).not.toContain('shoplake_disk_free_bytes{process="lake"}')
  }, 180_000)

  test('a lake process that hangs holds nothing up: its part of /metrics is missing until it goes on', async () => {
    const lake = server.pidOf('lake')!
    const told = async () => (await metrics())?.includes('_bytes{process="lake"}')
    process.kill(lake, 'SIGSTOP')
    try {
      await until(async () => (await told()) === false)
      expect(await metrics()).toContain('shoplake_stream_bytes')
      await until(async () => !(await lakeIsUp()))
    } finally {
      process.kill(lake, 'SIGCONT')
    }
    await until(async () => (await told()) === true)
    await until(lakeIsUp)
  })

  async function lakeIsUp(): Promise<boolean> {
    const { checks } = (await server.call('/readyz')).body
    return checks.find(({ name }: { name: string }) => name === 'lake').ok
  }

  async function metrics(): Promise<string | undefined> {
    const answer = await server.call('/metrics').catch(() => undefined)
    return typeof answer?.body === 'string' ? answer.body : undefined
  }

  test('a stopped server leaves nothing behind: lake.sql counts all, and the store comes back from the lake', async () => {
    const sent = (await shoplake([...SIMULATED, ...here])).json()
    expect(sent.accepted).toBeGreaterThan(15_000)
    const before = await server.call('/v1/ledger')
    await server.stop()
    expect(await countOutside(directory)).toBe(before.body.totals.accepted)

    const live = await dump(directory)
    const rebuilt = await shoplake(['rebuild', '--json', ...here])
    expect(rebuilt.code, rebuilt.stderr).toBe(0)
    expect(rebuilt.json()).toEqual({ rows: before.body.totals.accepted, refused: 0 })
    const anew = await dump(directory)
    expect(Object.keys(live.orders as object).length).toBeGreaterThan(50)
    for (const table of Object.keys(live)) expect(anew[table], table).toEqual(live[table])
  }, 120_000)

  test('without a server, status says so with 3 and still balances the ledger', async () => {
    const { code, json, stderr } = await shoplake(['status', '--json', ...here])
    expect(code, stderr).toBe(3)
    expect(json()).toMatchObject({ ready: false, running: false, ledger: { balanced: true } })
  })

  test('a backup brought back elsewhere has everything', async () => {
    const [copy, elsewhere] = [path.join(root, 'copy'), path.join(root, 'elsewhere')]
    const backup = await shoplake(['backup', copy, '--json', ...here])
    expect(backup.code, backup.stderr).toBe(0)
    const again = await shoplake(['backup', copy, ...here])
    expect([again.code, again.stderr]).toEqual([1, expect.stringMatching(/is not empty/)])
    const restored = await shoplake(['restore', copy, '--json', '--data-dir', elsewhere])
    expect(restored.json()).toMatchObject({
      files: backup.json().files,
      bytes: backup.json().bytes,
    })
    expect(await dump(elsewhere)).toEqual(await dump(directory))
    const verified = await shoplake(['verify', '--json', '--data-dir', elsewhere])
    expect(verified.code, verified.stdout).toBe(0)
    expect(await countOutside(elsewhere)).toBe(await countOutside(directory))
  }, 120_000)
})

/** As anyone's own DuckDB reads the lake. */
async function countOutside(directory: string): Promise<number> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    await connection.run(readFileSync(path.join(directory, 'lake.sql'), 'utf8'))
    const counted = await connection.runAndReadAll('select count(*) from events')
    return Number(counted.getRows()[0]![0])
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

async function dump(directory: string): Promise<ReturnType<typeof dumpStore>> {
  const store = await openLmdbStore({ directory: path.join(directory, 'store'), readOnly: true })
  try {
    return dumpStore(store)
  } finally {
    await store.close()
  }
}
