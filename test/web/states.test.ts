import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { removeServer, startServer, type TestServer, until } from '../e2e/server.ts'
import { launchBrowser } from './browser.ts'
import { axeFindings, openPage, shownValue } from './page.ts'
import { orderOf } from './shop.ts'

const CLI = path.resolve('dist/cli.js')
const PHONE = { viewport: { width: 390, height: 844 } }

let browser: Browser
const servers: TestServer[] = []

/** A machine that is busy with other tests is no fault. */
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 })

beforeAll(async () => {
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser.close()
  for (const server of servers) await removeServer(server)
})

async function start(command?: readonly string[]): Promise<TestServer> {
  const server = await startServer(undefined, [], command)
  servers.push(server)
  return server
}

test('an empty shop shows what to send, turns when it comes, and tells when the server is away', async () => {
  const server = await start()
  const { page, troubles, close } = await openPage(browser, `${server.url}/live`, PHONE)
  await page.getByText('Waiting for your first event').waitFor()
  expect(await axeFindings(page)).toEqual([])
  const snippet = (await page.locator('pre').textContent())!
  expect(snippet).toContain(`curl ${server.url}/v1/events`)
  const key = /x-api-key: (\w+)/.exec(snippet)![1]!
  const answer = await server.post(/-d '([^']*)'/.exec(snippet)![1]!, { 'x-api-key': key })
  expect(answer.body.accepted).toBe(1)
  await page.getByText('Your first event arrived').waitFor()
  await until(async () => (await shownValue(page, '[data-tile=sales] data')) === 59.98)
  expect(await axeFindings(page)).toEqual([])
  expect(troubles).toEqual([])

  await page.locator('[data-live=live]').waitFor()
  process.kill(server.pidOf('collect')!, 'SIGKILL')
  await page.locator('[data-live=stale]').waitFor()
  expect(await page.locator('[data-live]').textContent()).toMatch(/stale since \d\d:\d\d/)
  expect(await shownValue(page, '[data-tile=sales] data')).toBe(59.98)
  await page.locator('[data-live=live]').waitFor()
  await server.post(orderOf('after', 10))
  await until(async () => (await shownValue(page, '[data-tile=orders] data')) === 2)
  await close()
})

test('outside dev the page asks for a key, says why one is refused, and shows the shop with a good one', async () => {
  const server = await start(['start'])
  const words = ['keys', 'create', 'console', '--scope', 'read', '--data-dir', server.directory]
  const made = await promisify(execFile)(process.execPath, [CLI, ...words])
  const { page, close } = await openPage(browser, server.url, PHONE)
  const field = page.getByLabel('API key')
  await field.waitFor()
  expect(await axeFindings(page)).toEqual([])
  await field.fill('sk_wrong')
  await page.getByRole('button', { name: 'Open' }).click()
  await page.getByRole('alert').getByText('key').waitFor()
  expect(await axeFindings(page)).toEqual([])
  await field.fill(made.stdout.trim())
  await page.getByRole('button', { name: 'Open' }).click()
  await page.getByText('Waiting for your first event').waitFor()

  await promisify(execFile)(process.execPath, [
    CLI,
    'keys',
    'revoke',
    'console',
    ...words.slice(-2),
  ])
  await field.waitFor()
  await close()
})

test('what only an admin may do asks for such a key, and says why one is refused', async () => {
  const server = await start(['start'])
  const make = async (name: string, scope: string) => {
    const words = ['keys', 'create', name, '--scope', scope, '--data-dir', server.directory]
    return (await promisify(execFile)(process.execPath, [CLI, ...words])).stdout.trim()
  }
  const [read, admin] = [await make('console', 'read'), await make('me', 'admin')]
  const { page, close } = await openPage(browser, `${server.url}/settings`, PHONE)
  await page.getByLabel('API key').fill(read)
  await page.getByRole('button', { name: 'Open' }).click()
  const field = page.getByLabel('Admin key')
  await field.waitFor()
  expect(await axeFindings(page)).toEqual([])
  await field.fill('sk_wrong')
  await page.getByRole('button', { name: 'Use it' }).click()
  await page.getByRole('alert').getByText('key').waitFor()
  await field.fill(admin)
  await page.getByRole('button', { name: 'Use it' }).click()
  await page.getByRole('button', { name: 'Revoke console' }).waitFor()
  expect(
    await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })'),
  ).not.toContain(admin)
  await close()
})
