import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { readOwnReports } from './report-files.ts'

const GOOD = `-- title: Orders
-- question: How many orders are there?
-- group: sales
-- column: orders count | Orders
-- chart: table
-- models: orders
SELECT count(*) AS orders FROM orders
`

test('a faulty report of the shop is left out with its reason, and the others stay', () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'shoplake-reports-'))
  try {
    expect(readOwnReports(dataDir)).toEqual({ reports: [], leftOut: [] })
    const own = path.join(dataDir, 'reports')
    mkdirSync(own)
    writeFileSync(path.join(own, 'good.sql'), GOOD)
    writeFileSync(path.join(own, 'bad.sql'), GOOD.replace('-- title', '-- titel'))
    mkdirSync(path.join(own, 'folder.sql'))
    const { reports, leftOut } = readOwnReports(dataDir)
    expect(reports.map((report) => report.name)).toEqual(['good'])
    expect(leftOut.map(({ file }) => path.basename(file))).toEqual(['bad.sql', 'folder.sql'])
    expect(leftOut[0]!.why).toMatch(/bad\.sql:1: unknown key "titel"/)
  } finally {
    rmSync(dataDir, { recursive: true })
  }
})
