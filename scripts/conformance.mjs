import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { isAbsent, LeftOut, STREAMS, say, tryRun } from './engines.mjs'
import { prepare, ROOT } from './prepare.mjs'

/**
 * node scripts/conformance.mjs [<folder of data>]: what only heavy engines can tell. The synthesized templates by cfn-lint (from PyPI,
 * where Python is installed), then models, reports and compaction on Trino (scripts/trino.mjs), over a simulated shop and, where
 * the folder holds it, over UCI Online Retail. Exit code 1 where any of them finds something. An engine that cannot be had (no network, no
 * JDK, no Python) finds nothing: one line says what is left out and why.
 */
const CFN_LINT = '1.58.0'
/** A dependency that CloudFormation would see by itself is no fault; CloudFront's logs still need a bucket with an ACL. */
const IGNORED = ['W3005', 'W3045']
const INSTALL_MS = 300_000

const [data] = process.argv.slice(2)
const retail = data && path.join(data, 'uci-online-retail', 'by-day')
const outcomes = []

prepare()
step('the templates, by CloudFormation’s rules and cdk-nag', () => node('synth.mjs'))
step('the templates, by cfn-lint', lint)
step('Trino: a simulated shop', () => node('trino.mjs'))
if (retail && existsSync(retail)) {
  step('Trino: Online Retail', () => node('trino.mjs', retail, '--questions'))
}
for (const { name, outcome, minutes } of outcomes) say(`${outcome}: ${name} (${minutes} min)`)
process.exitCode = outcomes.some(({ outcome }) => outcome === 'FAILED') ? 1 : 0

function lint() {
  const home = path.join(homedir(), '.cache', 'shoplake', `cfn-lint-${CFN_LINT}`)
  const program = path.join(home, 'bin', 'cfn-lint')
  if (!existsSync(program)) {
    const options = { timeout: INSTALL_MS }
    const isMade =
      tryRun('python3', ['-m', 'venv', '--clear', home], options) &&
      tryRun(path.join(home, 'bin', 'pip'), ['install', '-q', `cfn-lint==${CFN_LINT}`], options)
    if (!isMade) throw new LeftOut('it needs Python 3 with venv, and PyPI')
  }
  const folder = path.join(ROOT, 'dist', 'cdk.out')
  const templates = readdirSync(folder).filter((file) => file.endsWith('.template.json'))
  const files = templates.map((file) => path.join(folder, file))
  return spawnSync(program, ['--ignore-checks', ...IGNORED, '--', ...files], STREAMS).status
}

function node(script, ...args) {
  return spawnSync(process.execPath, [path.join(ROOT, 'scripts', script), ...args], STREAMS).status
}

/** `work` gives an exit code, that of an absent engine among them, or throws LeftOut. */
function step(name, work) {
  say(`· ${name}`)
  const began = performance.now()
  const outcome = outcomeOf(work)
  outcomes.push({ name, outcome, minutes: ((performance.now() - began) / 60_000).toFixed(1) })
}

function outcomeOf(work) {
  try {
    const status = work()
    if (isAbsent(status)) return 'LEFT OUT'
    return status === 0 ? 'ok' : 'FAILED'
  } catch (error) {
    if (!(error instanceof LeftOut)) throw error
    say(`Left out: ${error.message}.`)
    return 'LEFT OUT'
  }
}
