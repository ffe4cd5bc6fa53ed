import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import { build } from 'esbuild'

/**
 * node scripts/generate.mjs            writes generated/ and docs/reference/ from src/
 * node scripts/generate.mjs --check    writes nothing; exit code 1 and a summary where a file is not what src/ says
 * node scripts/generate.mjs --release  also writes columns.lock.json: from then on its columns stay
 */
const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const LOCK = 'generated/columns.lock.json'
/** First words of a generated page; pages without them are written by hand and left alone. */
const MARK = '<!-- Generated'

const checking = process.argv.includes('--check')
const releasing = process.argv.includes('--release')
const { duckdbSchema, generatedFiles, lockText, problemsWith, trinoColumns } = await loadGenerator()

const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'))
const models = readModels()
const files = generatedFiles(version, models, await describeViews(models))
const lock = readLock()
const broken = lock ? problemsWith(lock) : []
if (broken.length > 0) fail(`Columns of release ${lock.release} are promised:`, broken)
if (!lock && !releasing) fail(`${LOCK} is missing:`, ['run `node scripts/generate.mjs --release`'])
if (releasing) files[LOCK] = lockText(version)

const differences = [
  ...Object.keys(files).flatMap(differenceOf),
  ...leftovers().map((name) => `${name}: nothing generates it`),
]
if (checking && differences.length > 0) {
  fail('Generated files are not fresh; run `npm run generate`:', differences)
}
if (!checking) write()
process.stderr.write(
  differences.length > 0 ? `${differences.join('\n')}\n` : 'generated files are fresh\n',
)

async function loadGenerator() {
  const { outputFiles } = await build({
    entryPoints: [path.join(ROOT, 'scripts', 'generate.ts')],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'warning',
  })
  const code = Buffer.from(outputFiles[0].contents).toString('base64')
  return import(`data:text/javascript;base64,${code}`)
}

function readModels() {
  const directory = path.join(ROOT, 'src', 'reports', 'models')
  const names = readdirSync(directory).filter((name) => name.endsWith('.sql'))
  return Object.fromEntries(
    names.map((name) => [name.slice(0, -4), readFileSync(path.join(directory, name), 'utf8')]),
  )
}

/** Columns of every model's view: DuckDB knows what comes out of them. */
async function describeViews(models) {
  const { statements, views } = duckdbSchema(models)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  for (const statement of statements) await connection.run(statement)
  const columns = {}
  for (const view of views) {
    const reader = await connection.runAndReadAll(
      `SELECT column_name AS name, column_type AS type FROM (DESCRIBE ${view})`,
    )
    columns[view] = trinoColumns(reader.getRowObjectsJson())
  }
  connection.closeSync()
  instance.closeSync()
  return columns
}

function readLock() {
  const file = path.join(ROOT, LOCK)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

function differenceOf(name) {
  const file = path.join(ROOT, name)
  if (!existsSync(file)) return [`${name}: missing`]
  const before = readFileSync(file, 'utf8')
  if (before === files[name]) return []
  const [removed, added] = [linesOnlyIn(before, files[name]), linesOnlyIn(files[name], before)]
  const sample = [
    ...removed.slice(0, 3).map((line) => `  - ${line}`),
    ...added.slice(0, 3).map((line) => `  + ${line}`),
  ]
  return [`${name}: ${removed.length} lines go, ${added.length} lines come`, ...sample]
}

function linesOnlyIn(text, other) {
  const others = new Set(other.split('\n'))
  return text.split('\n').filter((line) => !others.has(line))
}

/** Files that an earlier run generated and that nothing generates any more. */
function leftovers() {
  return ['generated', 'docs/reference']
    .filter((folder) => existsSync(path.join(ROOT, folder)))
    .flatMap((folder) => readdirSync(path.join(ROOT, folder)).map((name) => `${folder}/${name}`))
    .filter((name) => !(name in files) && name !== LOCK && isGenerated(name))
}

function isGenerated(name) {
  return (
    name.startsWith('generated/') || readFileSync(path.join(ROOT, name), 'utf8').startsWith(MARK)
  )
}

function write() {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(ROOT, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  for (const name of leftovers()) rmSync(path.join(ROOT, name))
}

function fail(title, lines) {
  process.stderr.write(`${title}\n${lines.map((line) => `  ${line}`).join('\n')}\n`)
  process.exit(1)
}
