import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { ViewColumn } from '../derive/athena.ts'
import { parseReport, type Report } from '../reports/compile.ts'
import { type Model, parseModels } from '../reports/model.ts'
import { compileModels, type View } from '../reports/models.ts'
import { DIST } from './paths.ts'

/** The reports of a server, and what is wrong with those that it leaves out. */
export interface ReportsRead {
  readonly reports: Report[]
  /** Of each file of the shop's own that is no report, its path and why: one line per fault. */
  readonly leftOut: readonly { readonly file: string; readonly why: string }[]
}

/**
 * Reports that come with the product, and those that the shop has put into `reports/` of its data directory. A faulty one
 * of the shop's is left out, and one of ours that it was to replace stays: a report is never a reason to take no events.
 */
export function readReports(dataDir: string): ReportsRead {
  const shipped = Object.entries(readSql(path.join(DIST, 'reports')))
  const reports = new Map(shipped.map(([name, text]) => [name, parseReport(name, text)]))
  const own = readOwnReports(dataDir)
  for (const report of own.reports) reports.set(report.name, report)
  return { reports: [...reports.values()], leftOut: own.leftOut }
}

/** The shop's own alone. */
export function readOwnReports(dataDir: string): ReportsRead {
  const directory = path.join(path.resolve(dataDir), 'reports')
  const reports: Report[] = []
  const leftOut: { file: string; why: string }[] = []
  for (const file of existsSync(directory) ? sqlFiles(directory) : []) {
    const full = path.join(directory, file)
    try {
      reports.push(parseReport(file.slice(0, -4), readFileSync(full, 'utf8')))
    } catch (error) {
      leftOut.push({ file: full, why: (error as Error).message })
    }
  }
  return { reports, leftOut }
}

/** The models under the reports. */
export function readModels(): Model[] {
  const texts = readSql(path.join(DIST, 'reports', 'models'))
  return parseModels(texts)
}

/** The models as DuckDB views, each behind those that it reads. */
export function readModelViews(): View[] {
  return compileModels(readModels(), 'duckdb')
}

/** Columns of every model's view by Trino's types; beside the bundle of the function that lays tables. */
export function readViewColumns(): { readonly [view: string]: readonly ViewColumn[] } {
  return JSON.parse(readFileSync(path.join(DIST, 'view-columns.json'), 'utf8'))
}

function readSql(directory: string): { [name: string]: string } {
  const texts = sqlFiles(directory).map((file) => [
    file.slice(0, -4),
    readFileSync(path.join(directory, file), 'utf8'),
  ])
  return Object.fromEntries(texts)
}

function sqlFiles(directory: string): string[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .sort()
}
