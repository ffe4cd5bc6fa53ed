import fs, { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ShoplakeError } from '../errors.ts'
import type { Key } from '../ports.ts'
import { openFileKeys } from './file-keys.ts'

const BACKEND: Key = { name: 'backend', kind: 'server', scopes: ['write', 'read'], origins: [] }

/** Does `work`, with `meddle` done right after every read of a file; what it throws, the read throws. */
function whileReading<T>(meddle: () => void, work: () => T): T {
  const read = fs.readFileSync
  const patched = (...args: Parameters<typeof read>) => {
    const bytes = read(...args)
    meddle()
    return bytes
  }
  fs.readFileSync = patched as typeof read
  syncBuiltinESMExports()
  try {
    return work()
  } finally {
    fs.readFileSync = read
    syncBuiltinESMExports()
  }
}

describe('openFileKeys', () => {
  let directory: string
  let file: string

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'shoplake-keys-'))
    file = path.join(directory, 'keys.json')
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  it('finds a key by the text that was shown once, and keeps only its hash', async () => {
    const keys = openFileKeys({ file, mode: 'start' })
    const { text, key } = await keys.create(BACKEND)
    expect(text).toMatch(/^sk_[\w-]{32}$/)
    expect(keys.find(text)).toEqual(BACKEND)
    expect(keys.find(`${text}x`)).toBeUndefined()
    expect(keys.find('')).toBeUndefined()
    expect(keys.list()).toEqual([key])
    expect(key.hint).toBe(`${text.slice(0, 7)}…`)
    const stored = readFileSync(file, 'utf8')
    expect(stored).not.toContain(text)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('a browser key says so in its text, and may only write', async () => {
    const keys = openFileKeys({ file, mode: 'start' })
    const origins = ['https://shop.example']
    const website: Key = { name: 'website', kind: 'browser', scopes: ['write'], origins }
    expect((await keys.create(website)).text).toMatch(/^pk_/)
    const greedy: Key = { ...website, name: 'greedy', scopes: ['write', 'read'] }
    await expect(keys.create(greedy)).rejects.toMatchObject({ code: 'bad_request' })
  })

  it.each([
    { name: 'Upper' },
    { name: '' },
    { name: 'a'.repeat(51) },
    { name: 'sk_dev' },
    { name: 'operator' },
    { kind: 'robot' },
    { scopes: [] },
    { scopes: ['root'] },
    { scopes: 'write' },
    { origins: ['https://a.example'] },
    { kind: 'browser', scopes: ['write'], origins: ['https://a.example/path'] },
    { rate: 0 },
    { burst: 1.5 },
  ])('refuses %j', async (traits) => {
    const keys = openFileKeys({ file, mode: 'start' })
    const key = { ...BACKEND, ...traits } as Key
    await expect(keys.create(key)).rejects.toMatchObject({ code: 'bad_request' })
    expect(keys.list()).toEqual([])
  })

  it('refuses a name that is taken, and opens nothing after a revoke', async () => {
    const keys = openFileKeys({ file, mode: 'start' })
    const { text } = await keys.create(BACKEND)
    await expect(keys.create(BACKEND)).rejects.toMatchObject({ code: 'bad_request' })
    expect(await keys.revoke('backend')).toBe(true)
    expect(await keys.revoke('backend')).toBe(false)
    expect(keys.find(text)).toBeUndefined()
  })

  it('sees within a second what another process changed', async () => {
    let now = 1_000_000
    const server = openFileKeys({ file, mode: 'start', now: () => now })
    const command = openFileKeys({ file, mode: 'start' })
    const { text } = await command.create(BACKEND)
    expect(server.find(text)).toBeUndefined()
    now += 1000
    expect(server.find(text)?.name).toBe('backend')
    await command.revoke('backend')
    now += 1000
    expect(server.find(text)).toBeUndefined()
  })

  it('loses no key when many are made at once', async () => {
    const books = [1, 2, 3].map(() => openFileKeys({ file, mode: 'start' }))
    const names = Array.from({ length: 15 }, (_, index) => `key-${index}`)
    const made = names.map((name, index) => books[index % 3]!.create({ ...BACKEND, name }))
    await Promise.all(made)
    const listed = openFileKeys({ file, mode: 'start' }).list()
    expect(listed.map((key) => key.name).sort()).toEqual([...names].sort())
  })

  it('keeps what it knew and says so when the file breaks', async () => {
    let now = 1_000_000
    const problems: ShoplakeError[] = []
    const onProblem = (error: ShoplakeError) => problems.push(error)
    const keys = openFileKeys({ file, mode: 'start', now: () => now, onProblem })
    const { text } = await keys.create(BACKEND)
    writeFileSync(file, '{"keys": [')
    now += 1000
    expect(keys.find(text)?.name).toBe('backend')
    expect(problems.map((problem) => problem.code)).toEqual(['config_invalid'])
    await expect(keys.create({ ...BACKEND, name: 'other' })).rejects.toMatchObject({
      code: 'config_invalid',
    })
    expect(readFileSync(file, 'utf8')).toBe('{"keys": [')
  })

  it('reads again after a read that failed, so that a revoked key does not stay', async () => {
    let now = 1_000_000
    const keys = openFileKeys({ file, mode: 'start', now: () => now })
    const { text } = await keys.create(BACKEND)
    await openFileKeys({ file, mode: 'start' }).revoke('backend')
    now += 1000
    const find = () => keys.find(text)
    const outOfFiles = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' })
    whileReading(
      () => {
        throw outOfFiles
      },
      () => expect(find).toThrow(outOfFiles),
    )
    now += 1000
    expect(find()).toBeUndefined()
  })

  it('sees what was changed while it opened', async () => {
    let now = 1_000_000
    const { text } = await openFileKeys({ file, mode: 'start' }).create(BACKEND)
    const keys = whileReading(
      () => writeFileSync(file, '{"keys": []}'),
      () => openFileKeys({ file, mode: 'start', now: () => now }),
    )
    expect(keys.find(text)?.name).toBe('backend')
    now += 1000
    expect(keys.find(text)).toBeUndefined()
  })

  it.each(['nonsense', '[]', '{"keys":[null]}', '{"keys":[{"name":"a"}]}'])(
    'does not start on %s',
    (text) => {
      writeFileSync(file, text)
      expect(() => openFileKeys({ file, mode: 'start' })).toThrow(/keys\.json/)
    },
  )

  it('knows the development keys in dev alone', () => {
    const dev = openFileKeys({ file, mode: 'dev' })
    expect(dev.find('pk_dev')).toMatchObject({ scopes: ['write'], origins: ['*'] })
    expect(dev.find('sk_dev')).toMatchObject({ kind: 'server', origins: [] })
    const start = openFileKeys({ file, mode: 'start' })
    expect(start.find('pk_dev')).toBeUndefined()
    expect(start.find('sk_dev')).toBeUndefined()
  })

  it("knows the operator's key without ever writing it", async () => {
    const operator_key = 'sk_run_secret'
    const keys = openFileKeys({ file, mode: 'start', operator_key })
    expect(keys.find(operator_key)).toMatchObject({ name: 'operator', scopes: ['admin'] })
    await keys.create(BACKEND)
    expect(readFileSync(file, 'utf8')).not.toContain('operator')
    expect(keys.list()).toHaveLength(1)
  })
})
