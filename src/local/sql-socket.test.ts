import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ShoplakeError } from '../errors.ts'
import type { Result, SqlEngine } from '../ports.ts'
import { type SqlServer, serveSql } from './sql-server.ts'
import { connectSql, type SqlClient, socketPathOf } from './sql-socket.ts'

const LIMITS = { timeout_ms: 1000, max_rows: 10_000 }
const NEVER = new AbortController().signal

describe('SQL over a socket', () => {
  let directory: string
  let socketPath: string
  let client: SqlClient
  let server: SqlServer | undefined

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'shoplake-'))
    socketPath = socketPathOf(directory)
    client = connectSql(socketPath, 20)
  })

  afterEach(async () => {
    client.close()
    await server?.close()
    server = undefined
    await rm(directory, { recursive: true })
  })

  const engineOf = (run: SqlEngine['run']): SqlEngine => ({ run })
  const rowsEngine = (rows: Result['rows']) =>
    engineOf(async () => ({
      columns: [{ name: 'a', type: 'VARCHAR' }],
      rows,
      truncated: true,
      elapsed_ms: 3,
      scanned_bytes: undefined,
    }))

  test.each([0, 1, 500, 501, 12_345])('%d rows arrive as they were', async (count) => {
    const rows = Array.from({ length: count }, (_, n) => [n, null, `line\n${n}\u2028"`, [{ a: n }]])
    server = await serveSql({ socketPath, engine: rowsEngine(rows) })
    const result = await client.run('SELECT 1', [], LIMITS, NEVER)
    expect(result).toEqual({
      columns: [{ name: 'a', type: 'VARCHAR' }],
      rows,
      truncated: true,
      elapsed_ms: 3,
      scanned_bytes: undefined,
    })
  })

  test('a kept connection that is closed when it is used again is replaced by a new one', async () => {
    // Answers the first request of each connection, and hangs up at the second.
    let connections = 0
    const fickle: Server = createServer((socket) => {
      connections += 1
      let asked = 0
      socket.on('error', () => undefined)
      socket.on('data', () => {
        asked += 1
        if (asked > 1) socket.destroy()
        else
          socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: keep-alive\r\n\r\ntrue')
      })
    })
    await mkdir(dirname(socketPath), { recursive: true })
    await new Promise<void>((resolve) => fickle.listen(socketPath, resolve))
    const patient = connectSql(socketPath, 3_600_000)
    try {
      for (let n = 0; n < 5; n++) expect(await patient.call('wake')).toBe(true)
      expect(connections).toBeGreaterThan(2)
    } finally {
      patient.close()
      client.close()
      await new Promise((resolve) => fickle.close(resolve))
    }
  })

  test('statement, parameters and limits reach the engine', async () => {
    const seen: unknown[] = []
    const engine = engineOf(async (...args) => {
      seen.push(...args.slice(0, 3))
      return { columns: [], rows: [], truncated: false, elapsed_ms: 0, scanned_bytes: 7 }
    })
    server = await serveSql({ socketPath, engine })
    const limits = { ...LIMITS, trusted: true }
    const result = await client.run('SELECT $1', ['ü', 1, null, [true]], limits, NEVER)
    expect(seen).toEqual(['SELECT $1', ['ü', 1, null, [true]], limits])
    expect(result.scanned_bytes).toBe(7)
  })

  test('errors keep code, detail and retry time; unknown ones tell nothing', async () => {
    const errors: Error[] = [
      new ShoplakeError('sql_busy', 'two run', { retryAfterS: 2 }),
      new ShoplakeError('sql_failed', 'no such table'),
      new Error('a secret of the inside'),
    ]
    const seen: unknown[] = []
    const engine = engineOf(async () => {
      throw errors.shift()
    })
    server = await serveSql({ socketPath, engine, onError: (error) => seen.push(error) })
    const failure = () => client.run('', [], LIMITS, NEVER).catch((error: unknown) => error)
    expect(await failure()).toMatchObject({ code: 'sql_busy', message: 'two run', retryAfterS: 2 })
    expect(await failure()).toMatchObject({ code: 'sql_failed', message: 'no such table' })
    expect(await failure()).toMatchObject({
      code: 'internal',
      message: expect.not.stringContaining('secret'),
    })
    expect(seen).toHaveLength(1)
  })

  test('abort reaches the engine, and the caller is told sql_cancelled', async () => {
    let cancelled: () => void = () => {}
    const told = new Promise<void>((resolve) => {
      cancelled = resolve
    })
    const begun: (() => void)[] = []
    const engine = engineOf((_sql, _params, _limits, signal) => {
      signal.addEventListener('abort', () => cancelled())
      for (const resolve of begun) resolve()
      return new Promise(() => {})
    })
    server = await serveSql({ socketPath, engine })
    const running = new Promise<void>((resolve) => begun.push(resolve))
    const abort = new AbortController()
    const outcome = client.run('', [], LIMITS, abort.signal).catch((error: unknown) => error)
    await running
    abort.abort()
    expect(await outcome).toMatchObject({ code: 'sql_cancelled' })
    await told
  })

  test('without a server: sql_unavailable at once, and found again when it is back', async () => {
    const run = () => client.run('', [], LIMITS, NEVER)
    await expect(run()).rejects.toMatchObject({ code: 'sql_unavailable', retryable: true })
    expect(client.isUp()).toBe(false)
    server = await serveSql({ socketPath, engine: rowsEngine([[1]]) })
    expect((await run()).rows).toEqual([[1]])
    expect(client.isUp()).toBe(true)
    await server.close()
    await expect(run()).rejects.toMatchObject({ code: 'sql_unavailable' })
    server = await serveSql({ socketPath, engine: rowsEngine([[2]]) })
    expect((await run()).rows).toEqual([[2]])
  })

  test('a server that dies under a query: sql_unavailable', async () => {
    let begin: () => void = () => {}
    const begun = new Promise<void>((resolve) => {
      begin = resolve
    })
    const engine = engineOf(() => {
      begin()
      return new Promise(() => {})
    })
    server = await serveSql({ socketPath, engine })
    const outcome = client.run('', [], LIMITS, NEVER).catch((error: unknown) => error)
    await begun
    await server.close()
    expect(await outcome).toMatchObject({ code: 'sql_unavailable' })
  })

  test('the ping alone finds the server', async () => {
    server = await serveSql({ socketPath, engine: rowsEngine([]) })
    await expect.poll(() => client.isUp()).toBe(true)
    await server.close()
    await expect.poll(() => client.isUp()).toBe(false)
  })

  describe('a process that is alive but hangs', () => {
    /** Accepts every connection, and answers as long as `answers` says so. */
    const hung = async (answers: () => boolean) => {
      const sockets = new Set<Socket>()
      const listening = createServer((socket) => {
        sockets.add(socket)
        socket.on('error', () => undefined)
        socket.on('data', () => {
          if (answers()) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnull')
        })
      })
      await mkdir(dirname(socketPath), { recursive: true })
      await new Promise<void>((resolve) => listening.listen(socketPath, resolve))
      const close = () => {
        for (const socket of sockets) socket.destroy()
        return new Promise((resolve) => listening.close(resolve))
      }
      return { sockets, close }
    }

    test('counts as away once a ping or a question has waited too long, and as back when it answers', async () => {
      let hangs = false
      const process = await hung(() => !hangs)
      const impatient = connectSql(socketPath, 10, 100)
      try {
        await expect.poll(() => impatient.isUp()).toBe(true)
        hangs = true
        await expect.poll(() => impatient.isUp()).toBe(false)
        await expect(impatient.ask('status')).rejects.toMatchObject({ code: 'sql_unavailable' })
        hangs = false
        await expect.poll(() => impatient.isUp()).toBe(true)
      } finally {
        impatient.close()
        client.close()
        await process.close()
      }
    })

    test('is pinged once at a time', async () => {
      client.close()
      const process = await hung(() => false)
      const patient = connectSql(socketPath, 1, 3_600_000)
      try {
        await expect.poll(() => process.sockets.size).toBeGreaterThan(0)
        await sleep(50)
        expect(process.sockets.size).toBe(1)
      } finally {
        patient.close()
        await process.close()
      }
    })
  })

  test('further calls by name, with their errors; names of Object are none', async () => {
    const engine = rowsEngine([])
    const handlers = {
      echo: (input: unknown) => ({ input }),
      nothing: () => undefined,
      fail: () => {
        throw new ShoplakeError('lake_unavailable', 'no disk')
      },
    }
    server = await serveSql({ socketPath, engine, handlers })
    expect(await client.call('echo', { a: ['ü'] })).toEqual({ input: { a: ['ü'] } })
    expect(await client.call('nothing')).toBe(null)
    await expect(client.call('fail')).rejects.toMatchObject({ code: 'lake_unavailable' })
    for (const name of ['toString', '__proto__', 'none', '../sql', '']) {
      await expect(client.call(name), name).rejects.toMatchObject({ code: 'not_found' })
    }
  })

  test('a stale socket file is replaced, and only its owner may open the new one', async () => {
    await serveSql({ socketPath, engine: rowsEngine([]) }).then((first) => first.close())
    await writeFile(socketPath, '')
    server = await serveSql({ socketPath, engine: rowsEngine([[5]]) })
    expect((await client.run('', [], LIMITS, NEVER)).rows).toEqual([[5]])
    expect((await stat(socketPath)).mode & 0o777).toBe(0o600)
  })

  test('bytes that are no call do not end the server', async () => {
    server = await serveSql({ socketPath, engine: rowsEngine([[1]]) })
    for (const bytes of [
      '\0\0\0',
      'POST /sql HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\n{{{',
    ]) {
      const socket = createConnection(socketPath)
      socket.end(bytes)
      for await (const _ of socket);
    }
    expect((await client.run('', [], LIMITS, NEVER)).rows).toEqual([[1]])
  })
})

test('a socket path fits whatever the directory, and is the same for both processes', () => {
  expect(socketPathOf('/data')).toBe('/data/run/lake.sock')
  const long = `/data/${'ü'.repeat(60)}`
  expect(Buffer.byteLength(socketPathOf(long))).toBeLessThanOrEqual(103)
  expect(socketPathOf(long)).toBe(socketPathOf(`${long}/../${'ü'.repeat(60)}/`))
  expect(socketPathOf(long)).not.toBe(socketPathOf(`${long}x`))
})
