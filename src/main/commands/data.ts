import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { askSql, patiently } from '../ask.ts'
import type { Client } from '../client.ts'
import { findServer } from '../home.ts'
import { printJson, say, sayWaits } from '../output.ts'
import { loadSettings } from '../settings.ts'
import { type ClientOptions, withServer } from '../with-server.ts'

const BATCH_EVENTS = 500
const POLL_MS = 500
const TAIL_ROWS = 1000

interface DataFlags extends ClientOptions {
  readonly json?: boolean
  readonly where?: string
}

interface Verdicts {
  received: number
  accepted: number
  duplicates: number
  rejected: number
}

export function registerData(program: Command): void {
  program
    .command('send')
    .description('send events: NDJSON from a file, or from stdin with -')
    .argument('<file>')
    .action(async (file: string, _flags, command: Command) => {
      const flags = command.optsWithGlobals<DataFlags>()
      if (file !== '-' && !existsSync(file)) throw new Error(`${file} does not exist`)
      const total = await withServer(flags, (client) => send(client, file), { mayCreate: true })
      if (flags.json) printJson(total)
      else
        say(
          `${total.received} received: ${total.accepted} accepted, ${total.duplicates} duplicates, ${total.rejected} rejected`,
        )
      if (total.rejected > 0) process.exitCode = 1
    })
  program
    .command('tail')
    .description('print events as they arrive, as NDJSON')
    .option('--where <condition>', 'SQL condition on the columns of the events view')
    .action(async (_flags, command: Command) => {
      const flags = command.optsWithGlobals<DataFlags>()
      const { config } = loadSettings({ data_dir: flags.dataDir })
      if (!flags.url && !findServer(config.data_dir)) {
        throw new Error(
          `no server runs on ${config.data_dir}, so nothing can arrive; start it with \`shoplake start\``,
        )
      }
      await withServer(flags, (client) => tail(client, flags.where ?? 'true'))
    })
}

async function send(client: Client, file: string): Promise<Verdicts> {
  const input = file === '-' ? process.stdin : createReadStream(file)
  const total: Verdicts = { received: 0, accepted: 0, duplicates: 0, rejected: 0 }
  const onWait = sayWaits()
  const lines: { number: number; text: string }[] = []
  const flush = async () => {
    if (lines.length === 0) return
    const batch = lines.splice(0)
    const answer = await post(client, batch.map(({ text }) => text).join('\n'), onWait)
    for (const name of Object.keys(total) as (keyof Verdicts)[]) total[name] += answer[name]
    for (const result of answer.results ?? []) {
      if (result.verdict !== 'rejected') continue
      const { reason, message, path, index } = result
      say(`line ${batch[index]!.number}: ${reason}: ${message ?? path ?? ''}`)
    }
  }
  let number = 0
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++
    if (text.trim() === '') continue
    lines.push({ number, text })
    if (lines.length >= BATCH_EVENTS) await flush()
  }
  await flush()
  return total
}

type Answer = Verdicts & {
  results?: { index: number; verdict: string; reason?: string; path?: string; message?: string }[]
}

/** One batch; waits as long as the server asks when it has a bound to keep. 422: all of them were refused. */
function post(client: Client, body: string, onWait: (why: string) => void): Promise<Answer> {
  const headers = { 'content-type': 'application/x-ndjson' }
  const init = { method: 'POST', headers, body }
  return patiently(client, '/v1/events', init, {
    patience_ms: Number.POSITIVE_INFINITY,
    taken: [422],
    onWait,
  })
}

/**
 * Polls the events view behind the last row seen; ends with the process, or with whoever reads stdout. Rows become visible
 * a tick at a time, under one written_at: behind it and the last event_id nothing is missed and nothing comes twice.
 */
async function tail(client: Client, where: string): Promise<void> {
  let reading = true
  process.stdout.on('error', () => {
    reading = false
  })
  const [start] = await askSql(client, 'select max(written_at) as at from events')
  let after = { at: String(start?.at ?? '1970-01-01T00:00:00Z'), id: '\u{10FFFF}' }
  while (reading) {
    const rows = await askSql(client, tailSql(after, where))
    for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`)
    const last = rows.at(-1)
    if (last) after = { at: String(last.written_at), id: String(last.event_id) }
    if (rows.length < TAIL_ROWS) await sleep(POLL_MS)
  }
}

function tailSql(after: { at: string; id: string }, where: string): string {
  const at = `cast('${after.at.replace('Z', '')}' as timestamp)`
  const id = `'${after.id.replaceAll("'", "''")}'`
  return `select * from events where (written_at > ${at} or (written_at = ${at} and event_id > ${id})) and (${where}\n) order by written_at, event_id limit ${TAIL_ROWS}`
}
