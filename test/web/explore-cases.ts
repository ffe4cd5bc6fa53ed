import { expect, test } from 'vitest'
import { axeFindings } from './page.ts'
import { openConsole, type Stage, settled } from './stage.ts'

/** Explore: SQL written, run, cancelled, failed and shared. */
export function exploreCases(stage: Stage): void {
  test('a query is completed, run by keys, and told again by its address', async () => {
    const { page, troubles, close } = await openConsole(stage, '/explore')
    const editor = page.locator('.cm-content')
    await editor.click()
    await page.keyboard.press('Control+a')
    await page.keyboard.type('select source, count(*) as n from order_cr')
    await page.locator('.cm-tooltip-autocomplete').getByText('order_created').first().waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.type('eated group by source', { delay: 5 })
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+Enter')
    await page.locator('[data-result]').waitFor()
    const [[type, count]] = (await stage.server.sql(
      'select source, count(*) from order_created group by source',
    )) as [[string, number]]
    const cells = () => page.locator('[data-grid] tbody td').allTextContents()
    expect(await cells()).toEqual([type, String(count)])
    expect(new URL(page.url()).searchParams.get('q')).toContain('from order_created group by')
    await page.reload()
    await page.locator('[data-result]').waitFor()
    expect(await cells()).toEqual([type, String(count)])
    expect(await axeFindings(page)).toEqual([])
    expect(troubles).toEqual([])
    await close()
  })

  test('of ten thousand rows only those within reach are on the page, all of them in the CSV', async () => {
    const q = encodeURIComponent("select range as n, '=cmd()' as hostile from range(12000)")
    const { page, troubles, close } = await openConsole(stage, `/explore?q=${q}`)
    const grid = page.locator('[data-grid]')
    await grid.waitFor()
    expect(await page.locator('[data-grid] tbody tr').count()).toBeLessThan(100)
    await grid.evaluate((element) => {
      element.scrollTop = element.scrollHeight
    })
    await grid.getByText('9999', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Fetch more' }).click()
    await grid.evaluate((element) => {
      element.scrollTop = element.scrollHeight
    })
    await page.getByRole('button', { name: 'Fetch more' }).waitFor({ state: 'detached' })
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV' }).click(),
    ])
    const chunks: Buffer[] = []
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer)
    const lines = Buffer.concat(chunks).toString().trim().split('\r\n')
    expect(lines).toHaveLength(12_001)
    expect(lines[1]).toBe("0,'=cmd()")
    expect(troubles).toEqual([])
    await close()
  })

  test('a query that cannot run says why and where, one that takes long is cancelled', async () => {
    const q = encodeURIComponent('select 1,\n  nothing\nfrom order_created')
    const { page, close } = await openConsole(stage, `/explore?q=${q}`)
    await page.getByText('Line 2: Referenced column "nothing" not found').waitFor()
    expect(await page.locator('.cm-failed').textContent()).toContain('nothing')
    await page.locator('.cm-content').click()
    await page.keyboard.press('Control+a')
    await page.keyboard.type('select count(*) from range(1000000) a, range(1000000) b')
    await page.keyboard.press('Control+Enter')
    await page.getByText('Running for').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('Cancelled.').waitFor()
    await settled(page)
    // Its slot is free: the next one runs.
    expect(await stage.server.sql('select 1')).toEqual([[1]])
    await close()
  })
}
