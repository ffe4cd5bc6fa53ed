import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseReport, type Report } from '../reports/compile.ts'
import { type Model, parseModel } from '../reports/model.ts'
import { compileModels, type View } from '../reports/models.ts'
import { DIST } from './paths.ts'

/** Reports that come with the product, and those that the shop has put into `reports/` of its data directory. */
export function readReports(dataDir: string): Report[] {
  const own = path.join(path.resolve(dataDir), 'reports')
  const texts = { ...readSql(path.join(DIST, 'reports')), ...(existsSync(own) ? readSql(own) : {}) }
  return Object.entries(texts).map(([name, text]) => parseReport(name, text))
}

/** The models under the reports. */
export function readModels(): Model[] {
  const texts = readSql(path.join(DIST, 'reports', 'models'))
  return Object.entries(texts).map(([name, text]) => parseModel(name, text))
}

/** The models as DuckDB views, each behind those that it reads. */
export function readModelViews(): View[] {
  return compileModels(readModels(), 'duckdb')
}

function readSql(directory: string): { [name: string]: string } {
  const files = readdirSync(directory)
    .filter((file) => file.endsWith('.sql'))
    .sort()
  return Object.fromEntries(
    files.map((file) => [file.slice(0, -4), readFileSync(path.join(directory, file), 'utf8')]),
  )
}
