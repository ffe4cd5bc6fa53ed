import { type Command, Option } from 'commander'
import { LETTER_STATUSES } from '../../http/letter-status.ts'
import { EVENT_TYPES } from '../../schema/registry.ts'
import { REJECTIONS } from '../../schema/rejection.ts'
import { wholeNumber } from '../option-values.ts'
import { printJson, printTable, say } from '../output.ts'
import { readJsonFile } from '../read-json.ts'
import { type ClientOptions, withServer } from '../with-server.ts'

interface DeadLetterFlags extends ClientOptions {
  readonly json?: boolean
  readonly reason?: string
  readonly eventType?: string
  readonly source?: string
  readonly status?: string
  readonly limit?: number
  readonly dryRun?: boolean
  readonly patch?: string
}

interface DeadLetter {
  readonly dead_letter_id: string
  readonly received_at: string
  readonly source: string
  readonly event_type: string | null
  readonly reason: string
  readonly path: string | null
  readonly message: string
  readonly status: string
  readonly replayed_as?: string
  readonly file?: string
  readonly line?: number
}

/** So many kinds of refusals are said after a replay. */
const SAID_REASONS = 10

interface ReplayAnswer {
  readonly dry_run: boolean
  readonly selected: number
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
  readonly not_replayable: number
  readonly results: readonly { readonly verdict: string; readonly message?: string }[]
  readonly more?: boolean
}

export function registerDeadLetters(program: Command): void {
  const letters = program.command('dead-letters').description('refused events')
  filters(letters.command('list').description('the latest first'))
    .option('--limit <count>', 'most entries', wholeNumber(1, 500), 50)
    .action(list)
  letters.command('show').description('one, with its raw bytes').argument('<id>').action(show)
  filters(program.command('replay').description('send refused events again, after a fix'))
    .argument('[ids...]', 'dead letters; without, all open ones that the filter takes')
    .option('--dry-run', 'only say how many would pass')
    .option('--patch <file>', 'JSON merge patch that is applied to each event first')
    .action(replay)
}

function filters(command: Command): Command {
  return command
    .addOption(
      new Option('--reason <reason>', 'only of this reason').choices(Object.keys(REJECTIONS)),
    )
    .addOption(
      new Option('--event-type <type>', 'only of this event type').choices([
        ...[...EVENT_TYPES, 'unknown'],
      ]),
    )
    .option('--source <source>', 'only of this source')
    .addOption(new Option('--status <status>', 'only these').choices(LETTER_STATUSES))
}

function filterOf(flags: DeadLetterFlags): { [name: string]: string } {
  const filter = {
    reason: flags.reason,
    event_type: flags.eventType,
    source: flags.source,
    status: flags.status,
  }
  return Object.fromEntries(
    Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

async function list(_flags: unknown, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<DeadLetterFlags>()
  const query = new URLSearchParams({ ...filterOf(flags), limit: String(flags.limit ?? 50) })
  await withServer(flags, async (client) => {
    const { items } = await client.json<{ items: DeadLetter[] }>(`/v1/dead-letters?${query}`)
    if (flags.json) return printJson(items)
    printTable(
      ['id', 'received', 'source', 'type', 'reason', 'path', 'message', 'where', 'status'],
      items.map((item) => [
        item.dead_letter_id,
        item.received_at,
        item.source,
        item.event_type,
        item.reason,
        item.path,
        item.message,
        item.file ? `${item.file}:${item.line}` : null,
        item.replayed_as === 'duplicate' ? `${item.status}, a duplicate` : item.status,
      ]),
    )
  })
}

async function show(id: string, _flags: unknown, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<DeadLetterFlags>()
  await withServer(flags, async (client) => {
    printJson(await client.json(`/v1/dead-letters/${encodeURIComponent(id)}`))
  })
}

async function replay(ids: string[], _flags: unknown, command: Command): Promise<void> {
  const flags = command.optsWithGlobals<DeadLetterFlags>()
  const filter = filterOf(flags)
  if (ids.length > 0 && Object.keys(filter).length > 0)
    command.error('error: give either ids or a filter')
  const body = {
    ...(ids.length > 0 ? { ids } : { filter: { status: 'open', ...filter } }),
    ...(flags.patch ? { patch: readJsonFile(flags.patch) } : {}),
    dry_run: flags.dryRun === true,
  }
  await withServer(flags, async (client) => {
    const answer = await client.json<ReplayAnswer>('/v1/dead-letters/replay', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (flags.json) return printJson(answer)
    const would = answer.dry_run ? 'would be ' : ''
    say(
      `${answer.selected} selected: ${answer.accepted} ${would}accepted, ${answer.duplicates} ${would}duplicates, ` +
        `${answer.rejected} ${would}rejected, ${answer.not_replayable} cannot be replayed`,
    )
    for (const line of reasonsOf(answer)) say(line)
    if (answer.more) say('more are left: run it again')
  })
}

/** Why those that did not pass did not, the most frequent reasons first. */
function reasonsOf({ results }: ReplayAnswer): string[] {
  const counts = new Map<string, number>()
  for (const { verdict, message } of results) {
    if (verdict !== 'rejected' && verdict !== 'not_replayable') continue
    const why = message ?? verdict
    counts.set(why, (counts.get(why) ?? 0) + 1)
  }
  const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, SAID_REASONS)
  return most.map(([why, count]) => `  ${count} × ${why}`)
}
