import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { convert } from 'ast-v8-to-istanbul'
import libCoverage from 'istanbul-lib-coverage'
import { parseAstAsync } from 'vite'
import { prepare, ROOT, run } from './prepare.mjs'

/**
 * `npm run coverage`: runs the tests and says how many lines of src/ they run. Counted are the tests' own threads and, mapped back
 * from the bundles, every process from dist/ that ended in order; what a killed process ran is lost with it. A line counts when a
 * statement begins on it. Arguments go to Vitest; `--report` alone reports what the last run has left.
 */
const LEAST_PERCENT = 90
const DIRECTORY = path.join(ROOT, 'coverage')
const PROCESSES = path.join(DIRECTORY, 'processes')
const SRC = path.join(ROOT, 'src')

const words = process.argv.slice(2)
if (!words.includes('--report')) runTests(words)
const map = libCoverage.createCoverageMap(
  ofSources(readJson(path.join(DIRECTORY, 'coverage-final.json'))),
)
const processes = await addProcesses(map)
report(map, processes)

function runTests(more) {
  prepare()
  rmSync(DIRECTORY, { recursive: true, force: true })
  const vitest = path.join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  const flags = [
    '--coverage',
    '--coverage.reporter=json',
    `--coverage.reportsDirectory=${DIRECTORY}`,
  ]
  const env = { ...process.env, COVERAGE_OF_PROCESSES: PROCESSES }
  run(process.execPath, [vitest, 'run', ...flags, ...more], { stdio: 'inherit', env })
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** Adds what each process from dist/ ran; how many there were. */
async function addProcesses(into) {
  if (!existsSync(PROCESSES)) return 0
  const bundles = new Map()
  const files = readdirSync(PROCESSES)
  for (const file of files) {
    for (const coverage of readJson(path.join(PROCESSES, file)).result) {
      if (!coverage.url.startsWith('file://')) continue
      const bundle = await bundleAt(fileURLToPath(coverage.url), bundles)
      if (bundle) into.merge(ofSources(await convert({ ...bundle, coverage, wrapperLength: 0 })))
    }
  }
  return files.length
}

/** A bundle's code, syntax tree and source map, read once; undefined for what is not ours. */
async function bundleAt(file, known) {
  const isOurs = path.dirname(file) === path.join(ROOT, 'dist') && existsSync(`${file}.map`)
  if (!isOurs) return undefined
  if (!known.has(file)) {
    const code = readFileSync(file, 'utf8')
    known.set(file, { code, ast: await parseAstAsync(code), sourceMap: readJson(`${file}.map`) })
  }
  return known.get(file)
}

function ofSources(data) {
  const ours = Object.entries(data).filter(([file]) => file.startsWith(`${SRC}${path.sep}`))
  return Object.fromEntries(ours)
}

function report(coverage, processes) {
  const folders = new Map()
  const low = []
  const all = { covered: 0, total: 0 }
  for (const file of coverage.files()) {
    const { covered, total } = coverage.fileCoverageFor(file).toSummary().lines
    const name = path.relative(SRC, file)
    const folder = name.includes(path.sep) ? name.split(path.sep)[0] : '.'
    for (const sum of [folderSum(folders, folder), all]) {
      sum.covered += covered
      sum.total += total
    }
    if (percent({ covered, total }) < LEAST_PERCENT) low.push({ name, covered, total })
  }
  for (const [folder, sum] of [...folders].sort()) say(folder, sum)
  say('src', all)
  process.stdout.write(
    `\n${coverage.files().length} files, ${processes} processes; below ${LEAST_PERCENT} %:\n`,
  )
  for (const file of low.sort((a, b) => percent(a) - percent(b))) say(file.name, file)
  if (percent(all) < LEAST_PERCENT) process.exitCode = 3
}

function folderSum(folders, folder) {
  if (!folders.has(folder)) folders.set(folder, { covered: 0, total: 0 })
  return folders.get(folder)
}

function percent({ covered, total }) {
  return total === 0 ? 100 : (100 * covered) / total
}

function say(name, sum) {
  const lines = `${sum.covered}/${sum.total}`
  process.stdout.write(
    `${name.padEnd(44)} ${lines.padStart(12)} ${percent(sum).toFixed(1).padStart(6)} %\n`,
  )
}
