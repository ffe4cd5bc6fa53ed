import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'esbuild'
import { findJava, isAbsent, LeftOut, leaveOut, say, trinoServer } from './engines.mjs'
import { prepare, ROOT } from './prepare.mjs'

/**
 * node scripts/trino.mjs [<folder>] [--questions]: every model and report on a real Trino against DuckDB over the same files, and the
 * compaction with readers running; with --questions models and reports alone. The lake is a simulated shop's, or that of a folder with
 * files of UCI Online Retail. The server comes by Maven once (scripts/engines.mjs). Exit code 1 where they differ.
 */
const STARTED_WITHIN_MS = 600_000
/** What is not found out by then is left out. */
const DONE_WITHIN_MS = 2_400_000

prepare()
let work
let server
try {
  const engine = { java: findJava(), home: trinoServer() }
  work = mkdtempSync(path.join(tmpdir(), 'shoplake-trino-'))
  const port = await freePort()
  server = await start(engine, port)
  const code = await check(port)
  if (isAbsent(code)) throw new LeftOut('Trino was too slow here')
  process.exitCode = code
  // What is asked of a server that has died says nothing.
  if (server.exitCode !== null || server.signalCode !== null) throw new LeftOut('Trino died')
} catch (error) {
  if (!(error instanceof LeftOut)) throw error
  leaveOut(error.message)
} finally {
  server?.kill('SIGKILL')
  if (work) rmSync(work, { recursive: true, force: true })
}

/** Both catalogs keep their tables in one place, as the Glue catalogue does: each hands the other's tables on. */
async function start({ java, home }, port) {
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
    'plugin.dir': path.join(home, 'plugin'),
    'jdk.attach.allowAttachSelf': true,
    'file.encoding': 'UTF-8',
  }
  const child = spawn(
    java,
    [
      ...['-Xmx3G', '-XX:+ExitOnOutOfMemoryError'],
      ...['--add-modules=jdk.incubator.vector', '--enable-native-access=ALL-UNNAMED'],
      ...Object.entries(settings).map(([name, value]) => `-D${name}=${value}`),
      ...['-cp', path.join(home, 'lib', '*'), 'io.trino.server.TrinoServer'],
    ],
    // It writes a log of its requests below where it stands.
    { stdio: ['ignore', 'pipe', 'pipe'], cwd: work },
  )
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (log += text))
  const until = Date.now() + STARTED_WITHIN_MS
  while (!log.includes('SERVER STARTED')) {
    if (child.exitCode !== null || Date.now() > until) {
      child.kill('SIGKILL')
      say(log.slice(-3000))
      throw new LeftOut('Trino did not start')
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
  const late = setTimeout(() => child.kill('SIGTERM'), DONE_WITHIN_MS)
  const code = await new Promise((resolve) => child.on('exit', resolve))
  clearTimeout(late)
  return code ?? 1
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
