import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { removeServer, startServer, type TestServer, temporaryDirectory, until } from './server.ts'

const run = promisify(execFile)
let server: TestServer

beforeAll(async () => {
  server = await startServer(temporaryDirectory(), ['--shop-currency', 'EUR'])
})

afterAll(() => removeServer(server))

test('the server has the currency that its flag says', async () => {
  expect((await server.call('/version')).body).toMatchObject({ shop: { currency: 'EUR' } })
})

test('send-events.mjs is told what became of each event, and sent again adds nothing', async () => {
  const send = async () =>
    JSON.parse((await run(process.execPath, ['examples/send-events.mjs', server.url])).stdout)
  expect(await send()).toMatchObject({
    received: 3,
    accepted: 2,
    duplicates: 0,
    rejected: 1,
    results: [{ index: 2, verdict: 'rejected', reason: 'invalid_field', path: 'timestamp' }],
  })
  expect(await send()).toMatchObject({ accepted: 0, duplicates: 2, rejected: 1 })
  await until(async () => (await server.call('/v1/orders/example-1')).body.status === 'paid')
})

test('a dry run of the import says what would come of it, and keeps nothing', async () => {
  const args = ['--mapping', 'examples/import/mapping.json', 'examples/import/orders.csv']
  const shoplake = ['dist/cli.js', '--data-dir', server.directory, 'import', '--dry-run', ...args]
  const { stderr } = await run(process.execPath, shoplake)
  expect(stderr).toMatch(/orders\.csv:\d+: /)
  expect(stderr).toMatch(/[1-9]\d* would be accepted, 0 are known already, 1 would be refused/)
})

test('the import makes orders of rows and explains the row that it cannot read', async () => {
  const args = ['--mapping', 'examples/import/mapping.json', 'examples/import/orders.csv']
  const shoplake = ['dist/cli.js', '--data-dir', server.directory, '--json', 'import', ...args]
  const { stdout } = await run(process.execPath, shoplake)
  expect(JSON.parse(stdout)).toMatchObject({ received: 3, accepted: 2, rejected: 1 })
  await until(async () => (await server.call('/v1/orders/old-1001')).status === 200)
  const { body } = await server.call('/v1/orders/old-1001')
  expect(body).toMatchObject({ total_amount: 21, currency: 'EUR', customer_id: 'c-7' })
  const { items } = (await server.call('/v1/dead-letters?source=example-shop')).body
  expect(items).toMatchObject([{ file: 'orders.csv', line: 5 }])
})

test('an import of which every row is refused fails', async () => {
  const [header, ...rows] = readFileSync('examples/import/orders.csv', 'utf8').trim().split('\n')
  const file = path.join(server.directory, 'refused.csv')
  writeFileSync(file, `${header}\n${rows[3]}\n`)
  const args = ['import', '--mapping', 'examples/import/mapping.json', file, '--json']
  const importing = run(process.execPath, ['dist/cli.js', '--data-dir', server.directory, ...args])
  const failed = (await importing.catch((error: unknown) => error)) as {
    code: number
    stdout: string
  }
  expect(failed.code).toBe(1)
  expect(JSON.parse(failed.stdout)).toMatchObject({ received: 1, accepted: 0, rejected: 1 })
})

test('revenue.sql reads the lake in a DuckDB of its own', async () => {
  await run(process.execPath, ['dist/cli.js', '--data-dir', server.directory, 'compact'])
  const lake = path.join(server.directory, 'lake.sql')
  await until(async () => existsSync(lake) && readFileSync(lake, 'utf8').includes('.parquet'))
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(readFileSync(lake, 'utf8'))
  const reader = await connection.runAndReadAll(readFileSync('examples/revenue.sql', 'utf8'))
  expect(reader.getRowsJson()).toEqual([['2025-01-15', 'unknown', '3', '122.9800']])
  connection.closeSync()
  instance.closeSync()
})
