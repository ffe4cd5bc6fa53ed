import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'

/** An engine that cannot be had here: that is no finding. The message says why. */
export class LeftOut extends Error {}

/** Exit code of a script whose engine cannot be had (EX_UNAVAILABLE of sysexits.h); test/trino/conformance.ts has it too. */
const ABSENT = 69

/** Streams of a child that reads nothing and talks where its parent does. */
export const STREAMS = { stdio: ['ignore', 'inherit', 'inherit'] }

export function say(text) {
  process.stderr.write(`${text}\n`)
}

/** Says in one line why nothing could be found out, and lets this program end with the code that says so. */
export function leaveOut(reason) {
  say(`Left out: ${reason}.`)
  process.exitCode = ABSENT
}

export function isAbsent(status) {
  return status === ABSENT
}

/** Whether a program is there, ended in time and had nothing to complain of. Talks on stderr. */
export function tryRun(command, args, options = {}) {
  return spawnSync(command, args, { stdio: ['ignore', 2, 2], ...options }).status === 0
}

const APT_MS = 300_000

/** Whether Debian packages could be installed: where apt-get and root are there. */
function installPackages(...names) {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const options = { stdio: 'ignore', timeout: APT_MS, env }
  const install = ['install', '-y', '--no-install-recommends', ...names]
  return tryRun('apt-get', ['-qq', 'update'], options) && tryRun('apt-get', install, options)
}

const JAVA_LEAST = 24
const JAVA_PACKAGE = 'openjdk-25-jdk-headless'

/** A `java` that runs Trino: of JAVA_HOME, of the system, or installed. Throws LeftOut. */
export function findJava() {
  const found = installedJava() ?? (installPackages(JAVA_PACKAGE) ? installedJava() : undefined)
  if (!found) throw new LeftOut(`Trino needs a JDK of at least ${JAVA_LEAST}; set JAVA_HOME to one`)
  return found
}

function installedJava() {
  const system = '/usr/lib/jvm'
  const names = existsSync(system) ? readdirSync(system) : []
  const homes = [process.env.JAVA_HOME, ...names.map((name) => path.join(system, name))]
  const programs = [...homes.filter(Boolean).map((home) => path.join(home, 'bin', 'java')), 'java']
  return programs.find((program) => javaVersion(program) >= JAVA_LEAST)
}

function javaVersion(program) {
  const { stderr } = spawnSync(program, ['-version'], { encoding: 'utf8' })
  return Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0)
}

const TRINO = '476'
const DOWNLOAD_MS = 600_000

/**
 * The folder of an unpacked Trino server, which stays in ~/.cache/shoplake; by Maven (821 MB, once) where it is not there
 * yet. Throws LeftOut, also where that takes longer than ten minutes: Maven goes on there the next time.
 */
export function trinoServer() {
  const home = path.join(homedir(), '.cache', 'shoplake', `trino-${TRINO}`)
  if (existsSync(path.join(home, 'lib'))) return home
  const archive = path.join(
    ...[homedir(), '.m2/repository/io/trino/trino-server', TRINO],
    `trino-server-${TRINO}.tar.gz`,
  )
  if (!existsSync(archive)) fetchTrino()
  unpack(archive, home)
  return home
}

function fetchTrino() {
  if (spawnSync('mvn', ['-v']).status !== 0 && !installPackages('maven')) {
    throw new LeftOut('Trino comes by Maven, which is not there')
  }
  say(`Fetching Trino ${TRINO} (821 MB, once) …`)
  const artifact = `-Dartifact=io.trino:trino-server:${TRINO}:tar.gz`
  const get = ['-q', '-B', 'dependency:get', '-Dtransitive=false', artifact]
  if (!tryRun('mvn', get, { timeout: DOWNLOAD_MS })) {
    throw new LeftOut('Trino could not be fetched from the Maven repository in ten minutes')
  }
}

/** Under its name only when it is whole. */
function unpack(archive, home) {
  const partial = `${home}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  if (!tryRun('tar', ['xzf', archive, '--strip-components=1', '-C', partial])) {
    throw new LeftOut(`${archive} could not be unpacked`)
  }
  // Plugins share files by hard links, so all are unpacked before the others go.
  const plugins = path.join(partial, 'plugin')
  for (const name of readdirSync(plugins)) {
    if (!['hive', 'iceberg'].includes(name)) rmSync(path.join(plugins, name), { recursive: true })
  }
  renameSync(partial, home)
}
