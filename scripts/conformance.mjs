import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { ROOT } from './prepare.mjs'

/**
 * node scripts/conformance.mjs [<folder of data>]: what only heavy engines can tell. The synthesized templates by cfn-lint (from PyPI,
 * where Python is installed), then models, reports and compaction on Trino (scripts/trino.mjs), over a simulated shop and, where
 * the folder holds it, over UCI Online Retail. Exit code 1 where any of them fails.
 */
const CFN_LINT = '1.58.0'
/** A dependency that CloudFormation would see by itself is no fault; CloudFront's logs still need a bucket with an ACL. */
const IGNORED = ['W3005', 'W3045']

const [data] = process.argv.slice(2)
const retail = data && path.join(data, 'uci-online-retail', 'by-day')
let failed = false

lint()
step('Trino: a simulated shop', process.execPath, [script('trino.mjs')])
if (retail && existsSync(retail)) {
  step('Trino: Online Retail', process.execPath, [script('trino.mjs'), retail, '--questions'])
}
process.exitCode = failed ? 1 : 0

function lint() {
  const home = path.join(homedir(), '.cache', 'shoplake', `cfn-lint-${CFN_LINT}`)
  const program = path.join(home, 'bin', 'cfn-lint')
  if (!existsSync(program)) {
    const isMade =
      run('python3', ['-m', 'venv', home]) &&
      run(path.join(home, 'bin', 'pip'), ['install', '-q', `cfn-lint==${CFN_LINT}`])
    if (!isMade) {
      process.stderr.write('cfn-lint is left out: it needs Python 3 with venv, and PyPI.\n')
      return
    }
  }
  step('the templates', process.execPath, [script('synth.mjs')])
  const folder = path.join(ROOT, 'dist', 'cdk.out')
  const templates = readdirSync(folder).filter((file) => file.endsWith('.template.json'))
  const files = templates.map((file) => path.join(folder, file))
  step('cfn-lint', program, ['--ignore-checks', ...IGNORED, '--', ...files])
}

function step(name, command, args) {
  process.stderr.write(`· ${name}\n`)
  if (!run(command, args)) failed = true
}

function run(command, args) {
  const { status } = spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    cwd: ROOT,
  })
  return status === 0
}

function script(name) {
  return path.join(ROOT, 'scripts', name)
}
