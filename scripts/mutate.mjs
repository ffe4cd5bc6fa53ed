import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { prepare, ROOT } from './prepare.mjs'

/**
 * `node scripts/mutate.mjs [part of a name]`: breaks one invariant after the other in a copy of the repository and shows which test
 * fails: what scripts/mutations.json says of each is the file, what stands there once (`from`), what stands there then (`to`), and the
 * test files of which one must fail. Exit code 3 where none does: then a test is missing. Takes some minutes; not part of `npm test`.
 */
const COPIED = ['src', 'test', 'web', 'generated', 'docs', 'scripts', 'examples', 'dist', 'bin']
const FILES = [
  'package.json',
  'package-lock.json',
  'vitest.config.ts',
  'tsconfig.json',
  'README.md',
]

prepare()
const MUTATIONS = JSON.parse(readFileSync(path.join(ROOT, 'scripts', 'mutations.json'), 'utf8'))
const wanted = process.argv[2] ?? ''
const copy = mkdtempSync(path.join(os.tmpdir(), 'shoplake-mutations-'))
try {
  for (const name of [...COPIED, ...FILES]) {
    cpSync(path.join(ROOT, name), path.join(copy, name), { recursive: true, force: true })
  }
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'))
  const survivors = MUTATIONS.filter(({ name }) => name.includes(wanted)).filter(survives)
  if (survivors.length > 0) process.exitCode = 3
  say(`${survivors.length} survived`)
} finally {
  rmSync(copy, { recursive: true, force: true })
}

function survives(mutation) {
  const file = path.join(copy, mutation.file)
  const source = readFileSync(file, 'utf8')
  const changed = [mutation, ...(mutation.also ?? [])].reduce(
    (text, change) => replaced(text, change, mutation),
    source,
  )
  writeFileSync(file, changed)
  const failed = failuresOf(mutation.tests)
  writeFileSync(file, source)
  say(`${failed.length > 0 ? 'found   ' : 'SURVIVED'}  ${mutation.name} (${mutation.file})`)
  for (const name of failed.slice(0, 3)) say(`            ${name}`)
  if (failed.length > 3) say(`            and ${failed.length - 3} more`)
  return failed.length === 0
}

function replaced(source, { from, to }, { name }) {
  const parts = source.split(from)
  if (parts.length === 2) return parts.join(to)
  throw new Error(`${name}: "${from}" stands ${parts.length - 1} times in the file`)
}

/** Names of the tests that fail. A file that cannot even be loaded is no answer. */
function failuresOf(tests) {
  const report = path.join(copy, 'report.json')
  rmSync(report, { force: true })
  const vitest = path.join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  const words = [
    'run',
    '--reporter=json',
    `--outputFile=${report}`,
    '--testTimeout=60000',
    ...tests,
  ]
  const { stderr } = spawnSync(process.execPath, [vitest, ...words], {
    cwd: copy,
    encoding: 'utf8',
  })
  const { testResults, numTotalTests } = JSON.parse(readFileSync(report, 'utf8'))
  if (numTotalTests === 0) throw new Error(`no test ran: ${tests.join(' ')}\n${stderr}`)
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ title }) => `${path.relative(copy, name)}: ${title}`),
  )
}

function say(text) {
  process.stdout.write(`${text}\n`)
}
