import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'esbuild'
import { prepare, ROOT } from './prepare.mjs'

/**
 * node scripts/trino.mjs [<folder>] [--questions]: every model and report on a real Trino against DuckDB over the same files, and the
 * compaction with readers running; with --questions models and reports alone. The lake is a simulated shop's, or that of a folder with
 * files of UCI Online Retail. Needs a JDK of at least 24 and Maven; the server (821 MB) comes from Maven Central once and
 * stays in ~/.cache/shoplake.
 */
const VERSION = '476'
const JAVA_LEAST = 24
const HOME = path.join(homedir(), '.cache', 'shoplake', `trino-${VERSION}`)
const STARTED_WITHIN_MS = 600_000

prepare()
const java = findJava()
if (!existsSync(path.join(HOME, 'lib'))) unpack()
const work = mkdtempSync(path.join(tmpdir(), 'shoplake-trino-'))
let server
try {
  const port = await freePort()
  server = await start(port)
  process.exitCode = await check(port)
} finally {
  server?.kill('SIGKILL')
  rmSync(work, { recursive: true, force: true })
}

function findJava() {
  const installed = existsSync('/usr/lib/jvm') ? readdirSync('/usr/lib/jvm') : []
  const homes = [process.env.JAVA_HOME, ...installed.map((name) => `/usr/lib/jvm/${name}`)]
  const programs = [...homes.filter(Boolean).map((home) => path.join(home, 'bin', 'java')), 'java']
  const found = programs.find((program) => javaVersion(program) >= JAVA_LEAST)
  if (!found) fail(`Trino ${VERSION} needs a JDK of at least ${JAVA_LEAST}: set JAVA_HOME to one.`)
  return found
}

function javaVersion(program) {
  const { stderr = '' } = spawnSync(program, ['-version'], { encoding: 'utf8' })
  return Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0)
}

function unpack() {
  const archive = path.join(
    ...[homedir(), '.m2/repository/io/trino/trino-server', VERSION],
    `trino-server-${VERSION}.tar.gz`,
  )
  if (!existsSync(archive)) {
    say(`Fetching Trino ${VERSION} (821 MB, once) …`)
    const artifact = `io.trino:trino-server:${VERSION}:tar.gz`
    must('mvn', ['-q', '-B', 'dependency:get', '-Dtransitive=false', `-Dartifact=${artifact}`])
  }
  mkdirSync(HOME, { recursive: true })
  must('tar', ['xzf', archive, '--strip-components=1', '-C', HOME])
  // Plugins share files by hard links, so all are unpacked before the others go.
  const plugins = path.join(HOME, 'plugin')
  for (const name of readdirSync(plugins)) {
    if (!['hive', 'iceberg'].includes(name)) rmSync(path.join(plugins, name), { recursive: true })
  }
}

/** Both catalogs keep their tables in one place, as the Glue catalogue does: each hands the other's tables on. */
async function start(port) {
  const files = path.join(work, 'files')
  for (const folder of [path.join(work, 'catalog'), path.join(files, 'metastore')]) {
    mkdirSync(folder, { recursive: true })
  }
  const storage = {
    'fs.native-local.enabled': true,
    'local.location': files,
    'hive.metastore.catalog.dir': 'local:///metastore',
  }
  properties('catalog/lake.properties', {
    'connector.name': 'hive',
    'hive.metastore': 'file',
    'hive.iceberg-catalog-name': 'iceberg',
    'hive.non-managed-table-writes-enabled': true,
    'hive.recursive-directories': true,
    'hive.parquet.time-zone': 'UTC',
    'fs.hadoop.enabled': false,
    ...storage,
  })
  properties('catalog/iceberg.properties', {
    'connector.name': 'iceberg',
    'iceberg.catalog.type': 'TESTING_FILE_METASTORE',
    'iceberg.hive-catalog-name': 'lake',
    ...storage,
  })
  properties('config.properties', {
    coordinator: true,
    'node-scheduler.include-coordinator': true,
    'http-server.http.port': port,
    'discovery.uri': `http://127.0.0.1:${port}`,
    'node.internal-address': '127.0.0.1',
    'catalog.config-dir': path.join(work, 'catalog'),
  })
  const settings = {
    config: path.join(work, 'config.properties'),
    'node.environment': 'test',
    'node.id': 'local',
    'node.data-dir': path.join(work, 'data'),
    'plugin.dir': path.join(HOME, 'plugin'),
    'jdk.attach.allowAttachSelf': true,
    'file.encoding': 'UTF-8',
  }
  const child = spawn(
    java,
    [
      ...['-Xmx3G', '--add-modules=jdk.incubator.vector', '--enable-native-access=ALL-UNNAMED'],
      ...Object.entries(settings).map(([name, value]) => `-D${name}=${value}`),
      ...['-cp', path.join(HOME, 'lib', '*'), 'io.trino.server.TrinoServer'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (log += text))
  const until = Date.now() + STARTED_WITHIN_MS
  while (!log.includes('SERVER STARTED')) {
    if (child.exitCode !== null || Date.now() > until) {
      child.kill('SIGKILL')
      fail(`Trino did not start:\n${log.slice(-3000)}`)
    }
    await sleep(200)
  }
  log = ''
  return child
}

async function check(port) {
  const runner = path.join(ROOT, 'dist', 'trino', 'conformance.js')
  await build({
    entryPoints: [path.join(ROOT, 'test', 'trino', 'conformance.ts')],
    outfile: runner,
    ...{ bundle: true, platform: 'node', target: 'node20', format: 'esm', packages: 'external' },
    logLevel: 'warning',
  })
  const child = spawn(
    process.execPath,
    [runner, `http://127.0.0.1:${port}`, path.join(work, 'files'), ...process.argv.slice(2)],
    { stdio: 'inherit', cwd: ROOT },
  )
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)))
}

function properties(name, values) {
  const lines = Object.entries(values).map(([key, value]) => `${key}=${value}\n`)
  writeFileSync(path.join(work, name), lines.join(''))
}

async function freePort() {
  const probe = createServer()
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return port
}

function must(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] })
  if (error || status !== 0) fail(`${command} failed${error ? `: ${error.message}` : ''}`)
}

function say(text) {
  process.stderr.write(`${text}\n`)
}

function fail(text) {
  server?.kill('SIGKILL')
  say(text)
  process.exit(1)
}
