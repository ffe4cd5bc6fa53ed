import { expect, test } from 'vitest'
import { until } from '../e2e/server.ts'
import { orderOf } from './shop.ts'
import { openConsole, type Stage } from './stage.ts'

interface Point {
  readonly accepted: number
  readonly seconds: number
  readonly accept_p99_ms: number | null
}

/** Pipeline: what flows is what was sent. */
export function pipelineCases(stage: Stage): void {
  test('events that were sent are in the history, with how long their answer took', async () => {
    const history = async (): Promise<Point[]> =>
      (await stage.server.call('/v1/pipeline')).body.history
    const accepted = async () => (await history()).reduce((sum, point) => sum + point.accepted, 0)
    await until(async () => (await history()).length > 0)
    const before = await accepted()
    await stage.server.post(orderOf('pipe-1', 1))
    await until(async () => (await accepted()) > before)
    expect((await history()).at(-1)?.seconds).toBeGreaterThan(0)
    expect((await history()).some(({ accept_p99_ms }) => accept_p99_ms !== null)).toBe(true)

    const { page, troubles, close } = await openConsole(stage, '/pipeline')
    const state = (await stage.server.call('/v1/pipeline')).body
    expect(state.processes.map(({ name }: { name: string }) => name)).toEqual([
      'collect',
      'store',
      'lake',
    ])
    await page.getByText('✓ takes events').waitFor()
    expect(await page.locator('[data-part]').count()).toBe(6)
    const chart = page.locator('[data-chart=throughput]')
    await chart.getByText('View as table').click()
    const values = await chart
      .locator('tbody td:nth-of-type(1) data')
      .evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute('value'))))
    expect(Math.max(...values)).toBeGreaterThan(0)
    expect(troubles).toEqual([])
    await close()
  })

  test('what is shown from before the server failed says so, gives no verdict, and is fresh again after', async () => {
    const { page, close } = await openConsole(stage, '/pipeline')
    const verdict = page.getByText('✓ takes events')
    const note = page.locator('[data-stale]')
    await verdict.waitFor()
    expect(await note.count()).toBe(0)
    await page.context().setOffline(true)
    await note.waitFor()
    expect(await note.textContent()).toMatch(/Not refreshed since \d\d:\d\d/)
    expect(await verdict.count()).toBe(0)
    expect(await page.locator('[data-part]').count()).toBe(6)
    await page.context().setOffline(false)
    await verdict.waitFor()
    expect(await note.count()).toBe(0)
    await close()
  })

  test('what a server does not offer is told in words where it would stand, and leaves the rest', async () => {
    const { page, close } = await openConsole(stage, '/settings?part=definitions')
    const problem = { title: 'Not offered here', status: 501, code: 'not_offered' }
    const answer = { status: 501, contentType: 'application/problem+json' }
    for (const route of ['tail', 'pipeline', 'alerts', 'live/stream', 'ledger']) {
      await page.route(`**/v1/${route}*`, (request) =>
        request.fulfill({ ...answer, body: JSON.stringify(problem) }),
      )
    }
    for (const path of ['/events', '/pipeline', '/settings?part=alerts']) {
      await page.goto(new URL(path, stage.server.url).href)
      await page.getByText('Not to be had here').waitFor()
      expect(await page.getByRole('button', { name: 'Try again' }).count(), path).toBe(0)
      expect(await page.getByRole('alert').count(), path).toBe(0)
    }
    // Without its stream Live asks again and again; its ledger alone is missing.
    await page.goto(new URL('/live', stage.server.url).href)
    await page.locator('[data-tile=orders] data').waitFor()
    await page.getByText('Not to be had here').waitFor()
    expect(await page.getByText('Not to be had here').count()).toBe(1)
    await close()
  })
}
