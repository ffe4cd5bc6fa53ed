import path from 'node:path'
import { parseArgs } from 'node:util'
import { forkEmulators } from './fork-emulators.ts'
import { startLocalHome } from './local-home.ts'

/** `npm run aws:local`: see docs/guides/aws-local.md. */

const COMPACT_MS = 5 * 60_000
const USAGE = 'npm run aws:local [-- --port 4700 --window-s 1]'

const { port, window_ms } = options()
const emulators = await forkEmulators(path.join(import.meta.dirname, 'emulators-process.js'))
const home = await startLocalHome({
  ...{ emulators, port, window_ms },
  console_directory: path.resolve(import.meta.dirname, '..', 'web'),
  log: (line) => {
    if (line.includes('"level":"error"')) say(line)
  },
})
say(`The AWS home, emulated on this machine, is up:

  console and API   ${home.url}
  a key for both    ${home.key}

  Real: the functions' bundles, their environment and event source settings from the synthesized template, the authorizer.
  Emulated: Kinesis (kinesalite), DynamoDB (dynalite), S3 (fauxqs); records gather for ${window_ms / 1000} s, not for the template's ${home.functions.sources['write-lake'].window_s} s.
  Stand-ins: DuckDB behind Athena's API, in its own dialect (npm run test:conformance holds Trino to the same rows);
             this gateway, without usage plans. Everything is in memory, and gone when this ends.

  shoplake simulate --url ${home.url} --key ${home.key} --days 7 --truth truth.json
  shoplake verify --url ${home.url} --key ${home.key} --truth truth.json
`)
const compacting = setInterval(
  () => home.compact().catch((error) => say(String(error))),
  COMPACT_MS,
)

let stopping = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping) process.exit(1)
    stopping = true
    void stop()
  })
}

async function stop(): Promise<void> {
  clearInterval(compacting)
  await home.close()
  await emulators.close()
  process.exit(0)
}

function options(): { port: number; window_ms: number } {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: '4700' },
        'window-s': { type: 'string', default: '1' },
      },
    })
    const [port, window_s] = [Number(values.port), Number(values['window-s'])]
    if (Number.isInteger(port) && port >= 0 && port < 65_536 && window_s >= 0.02 && window_s <= 300)
      return { port, window_ms: window_s * 1000 }
  } catch (error) {
    say(String(error))
  }
  say(USAGE)
  process.exit(2)
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
