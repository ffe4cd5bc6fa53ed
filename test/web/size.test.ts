import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

const BUILT = path.resolve('dist/web')
const ASSETS = path.join(BUILT, 'assets')
/** Kilobytes of JavaScript, compressed. */
const FIRST_SCREEN_KB = 190
const CHARTS_KB = 225
const SQL_KB = 130

/** Each script with what it loads at once, and with what it loads when asked to. */
interface Script {
  readonly bytes: number
  readonly imports: readonly string[]
}

const SCRIPTS: ReadonlyMap<string, Script> = new Map(
  readdirSync(ASSETS)
    .filter((name) => name.endsWith('.js'))
    .map((name) => {
      const text = readFileSync(path.join(ASSETS, name), 'utf8')
      const found = text.matchAll(/(?:^|[;}])(?:import|export)[^;("']*["']\.\/([^"']+\.js)["']/g)
      return [name, { bytes: gzipSync(text).length, imports: [...found].map((one) => one[1]!) }]
    }),
)

/** A script and everything that it needs before it runs. */
function closureOf(names: readonly string[], known = new Set<string>()): Set<string> {
  for (const name of names.filter((one) => SCRIPTS.has(one) && !known.has(one))) {
    known.add(name)
    closureOf(SCRIPTS.get(name)!.imports, known)
  }
  return known
}

function kilobytes(names: Iterable<string>): number {
  return [...names].reduce((sum, name) => sum + SCRIPTS.get(name)!.bytes, 0) / 1024
}

function named(prefix: string): string[] {
  return [...SCRIPTS.keys()].filter((name) => name.startsWith(`${prefix}-`))
}

const ENTRY = /src="\/assets\/([^"]+\.js)"/.exec(
  readFileSync(path.join(BUILT, 'index.html'), 'utf8'),
)![1]!

test('the first screen is small, and draws no chart before it stands', () => {
  const first = closureOf([ENTRY, ...named('home')])
  expect(first.size).toBeGreaterThan(2)
  expect([...first].filter((name) => name.startsWith('engine-'))).toEqual([])
  expect(kilobytes(first)).toBeLessThan(FIRST_SCREEN_KB)
})

test('what draws charts is one script beside it', () => {
  expect(named('engine')).toHaveLength(1)
  const own = closureOf(named('engine'))
  for (const name of closureOf([ENTRY])) own.delete(name)
  expect(kilobytes(own)).toBeLessThan(CHARTS_KB)
})

test('no page brings more than the SQL editor may', () => {
  const entry = closureOf([ENTRY, ...named('home'), ...named('engine')])
  for (const name of SCRIPTS.keys()) {
    const own = [...closureOf([name])].filter((one) => !entry.has(one))
    expect(kilobytes(own), name).toBeLessThan(SQL_KB)
  }
})
