import { execFile, spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  removeServer,
  startServer,
  type TestServer,
  temporaryDirectory,
  until,
} from '../e2e/server.ts'
import { shoplake } from '../e2e/shoplake.ts'

const run = promisify(execFile)
const README = readFileSync('README.md', 'utf8')
/** What is proved by the run of the tests itself, and where the data is: here it is elsewhere. */
const NOT_HERE = /^npm (start|test)\b|^export SHOPLAKE_DATA_DIR=/
const HAS_CURL = spawnSync('curl', ['--version'], { stdio: 'ignore' }).status === 0

/** Fenced blocks of a language, in order. */
function blocksOf(language: string): string[] {
  return [...README.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, found]) => found === language)
    .map(([, , text]) => text!)
}

/** Commands of a shell block: one a line, but that quotes hold lines together. Remarks are left out. */
function commandsOf(block: string): string[] {
  const commands: string[] = []
  let open = ''
  for (const line of block.split('\n')) {
    open = open === '' ? line : `${open}\n${line}`
    if ((open.match(/'/g) ?? []).length % 2 === 1) continue
    if (open.trim() !== '') commands.push(open.replace(/\s+#[^'"]*$/, ''))
    open = ''
  }
  return commands
}

const COMMANDS = blocksOf('sh')
  .flatMap(commandsOf)
  .filter((command) => !NOT_HERE.test(command))

const directory = temporaryDirectory()
const data = path.join(directory, 'data')
let server: TestServer

beforeAll(async () => {
  server = await startServer(data)
})

afterAll(async () => {
  await removeServer(server)
  rmSync(directory, { recursive: true, force: true })
})

/** The command as the README has it, but for the port and the data directory. */
function here(command: string): string {
  return command
    .replaceAll('http://127.0.0.1:4600', server.url)
    .replaceAll('/var/lib/shoplake', path.join(directory, 'shop'))
    .replace('--port 4600', '--port 0')
}

async function inShell(command: string): Promise<string> {
  const env = { ...process.env, SHOPLAKE_DATA_DIR: data }
  return (await run('sh', ['-c', here(command)], { env })).stdout
}

function only(pattern: RegExp): string {
  const found = COMMANDS.filter((command) => pattern.test(command))
  expect(found, `${pattern} in README.md`).toHaveLength(1)
  return found[0]!
}

/** Each command of the README belongs to exactly one test, so that none is added unproved. */
const PROVED = [
  /^curl .*\/v1\/events/,
  /^curl .*\/v1\/orders/,
  / sql /,
  / report /,
  / status$/,
  / keys create website/,
  / keys create backend/,
  / start /,
  / import /,
]

test('every command of the README is run here', () => {
  for (const command of COMMANDS)
    expect(
      PROVED.filter((pattern) => pattern.test(command)),
      command,
    ).toHaveLength(1)
  expect(COMMANDS).toHaveLength(PROVED.length)
})

describe.skipIf(!HAS_CURL)('with curl', () => {
  test('an order is sent and comes back', async () => {
    const answer = JSON.parse(await inShell(only(/^curl .*\/v1\/events/)))
    expect(answer).toEqual(JSON.parse(blocksOf('json')[0]!))
    const asks = only(/^curl .*\/v1\/orders/)
    await until(async () => JSON.parse(await inShell(asks)).order_id === 'ord_123456')
    expect(JSON.parse(await inShell(asks))).toMatchObject({ total_amount: 59.98 })
  })

  test('SQL and a report tell of it, and status says that all is well', async () => {
    await until(async () => (await inShell(only(/ sql /))).includes('59.98'))
    expect(await inShell(only(/ sql /))).toMatch(/ord_123456 +59\.98/)
    expect(await inShell(only(/ report /))).toMatch(/^day .* net_sales /)
    expect(await inShell(only(/ status$/))).toMatch(/accepted +1\n/)
  }, 180_000)
})

test('keys are made, and each is good for what it says', async () => {
  const website = (await inShell(only(/ keys create website/))).trim()
  const backend = (await inShell(only(/ keys create backend/))).trim()
  const read = (key: string, origin?: string) =>
    server.call('/v1/orders', {
      headers: { 'x-api-key': key, ...(origin !== undefined && { origin }) },
    })
  await until(async () => (await read(backend)).status === 200)
  expect((await read(website, 'https://shop.example')).status).toBe(403)
})

test('the server for a real shop starts, and its directory remembers the shop', async () => {
  const [, words] = /^node bin\/shoplake\.js (.+)$/.exec(here(only(/ start /)))!
  const own = ['--data-dir', path.join(directory, 'shop')]
  const started = await shoplake([...words!.split(' '), ...own], { untilTold: /shoplake is up/ })
  expect(started.code).toBe(0)
  const settings = (await shoplake(['config', 'print', '--json', ...own])).json() as unknown[]
  for (const [name, value] of [
    ['shop_currency', 'EUR'],
    ['shop_time_zone', 'Europe/Berlin'],
  ])
    expect(settings).toContainEqual(expect.objectContaining({ name, value, origin: 'data_dir' }))
})

test('history is imported', async () => {
  await inShell(only(/ import /))
  const orders = "select count(*) from order_created where order_id like 'old-100_'"
  await until(async () => Number((await server.sql(orders))[0]![0]) === 2)
})
