import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const LOWEST_NODE = [20, 19]
const INSTALLED = path.join(ROOT, 'node_modules', '.installed')
const BUILT = path.join(ROOT, 'dist', '.built')
const INPUTS = ['src', 'web', 'scripts', 'package-lock.json']

/** Makes a clone ready to run: checks Node, installs what the lock file says, builds what is older than its source. Talks on stderr. */
export function prepare() {
  checkNode()
  if (!existsSync(path.join(ROOT, 'src'))) return
  if (!isInstalled()) install()
  if (!isBuilt()) build()
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [lowMajor, lowMinor] = LOWEST_NODE
  if (major > lowMajor || (major === lowMajor && minor >= lowMinor)) return
  fail(`shoplake needs Node ${LOWEST_NODE.join('.')} or newer; this is ${process.versions.node}.`)
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(path.join(ROOT, 'package-lock.json')))
    .digest('hex')
}

function isInstalled() {
  return existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === lockHash()
}

function install() {
  say('Installing packages (once; about a minute) …')
  // Not `npm ci`: it refuses a lock file that lacks the optional packages of other platforms.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'])
  writeFileSync(INSTALLED, lockHash())
}

function isBuilt() {
  if (!existsSync(BUILT)) return false
  const built = statSync(BUILT).mtimeMs
  return INPUTS.every((input) => newest(path.join(ROOT, input)) <= built)
}

function newest(file) {
  const stat = statSync(file)
  if (!stat.isDirectory()) return stat.mtimeMs
  const inner = readdirSync(file)
    .filter((name) => name !== 'node_modules')
    .map((name) => newest(path.join(file, name)))
  return Math.max(stat.mtimeMs, ...inner)
}

export function build() {
  say('Building …')
  run(process.execPath, [path.join(ROOT, 'scripts', 'build.mjs')])
  writeFileSync(BUILT, '')
}

/** Runs a program in the repository and ends this one with its exit code when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2], ...options })
  if (result.error) fail(`cannot run ${command}: ${result.error.message}`)
  if (result.status !== 0) process.exit(result.status ?? 1)
}

function say(text) {
  process.stderr.write(`${text}\n`)
}

function fail(text) {
  say(text)
  process.exit(1)
}
