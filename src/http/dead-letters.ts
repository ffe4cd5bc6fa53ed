import { ShoplakeError } from '../errors.ts'
import type { StoreDocument } from '../ports.ts'
import type { Inflight } from './body.ts'
import { type Handler, jsonAnswer, numberParam } from './call.ts'
import {
  type DeadLetterFilter,
  filterOf,
  findLetter,
  kindPath,
  matches,
  scanOf,
} from './dead-letter-filter.ts'
import type { AppDeps } from './deps.ts'
import { entriesOf, pageOf } from './page.ts'
import { replayHandler } from './replay.ts'

type DeadLetterRoute = 'listDeadLetters' | 'getDeadLetter' | 'replayDeadLetters'

/** Dead letters looked at for a sample. */
const SAMPLE_SCAN = 20_000

/** Refused events: list, sample, one, and again. */
export function deadLetterHandlers(
  deps: AppDeps,
  inflight: Inflight,
): { [N in DeadLetterRoute]: Handler } {
  return {
    async listDeadLetters(call) {
      const filter = filterOf(call)
      const each = numberParam(call, 'sample', { otherwise: 0, min: 1, max: 20 })
      if (each > 0) return jsonAnswer(200, { kinds: await kindsOf(deps, filter, each) })
      const scan = { ...scanOf(filter), reverse: true }
      const page = await pageOf(deps.store, call, scan, (letter) =>
        matches(letter, filter) ? withoutRaw(letter) : undefined,
      )
      const items = call.query().has('cursor')
        ? page.items
        : [...(await fromLake(deps, filter)), ...page.items]
      return jsonAnswer(200, { ...page, items })
    },
    async getDeadLetter(call) {
      const letter = await findLetter(deps, call.param('id'))
      if (letter) return jsonAnswer(200, letter)
      throw new ShoplakeError('not_found', 'there is no such dead letter, or it has expired')
    },
    replayDeadLetters: replayHandler(deps, inflight),
  }
}

/** Those that no encoder took: few, and each an alarm, so they stand before all others. */
async function fromLake(deps: AppDeps, filter: DeadLetterFilter): Promise<StoreDocument[]> {
  const letters = await deps.lake.notEncodable()
  return letters
    .filter((letter) => matches(letter, filter))
    .map(withoutRaw)
    .reverse()
}

function withoutRaw(letter: StoreDocument): StoreDocument {
  const { raw: _raw, ...shown } = letter
  return shown
}

interface Kind {
  readonly event_type: string
  readonly reason: string
  readonly path: string | null
  count: number
  readonly samples: StoreDocument[]
}

/** Some of every kind, the latest of it, with raw bytes: what one looks at to find out what is wrong. */
async function kindsOf(deps: AppDeps, filter: DeadLetterFilter, each: number): Promise<Kind[]> {
  const kinds = new Map<string, Kind>()
  let read = 0
  for await (const { document } of entriesOf(deps.store, { ...scanOf(filter), reverse: true })) {
    if (read++ >= SAMPLE_SCAN) break
    if (matches(document, filter)) addToKind(kinds, document, each)
  }
  for (const letter of await deps.lake.notEncodable()) {
    if (matches(letter, filter)) addToKind(kinds, letter, each)
  }
  return [...kinds.values()].sort((a, b) => b.count - a.count)
}

function addToKind(kinds: Map<string, Kind>, letter: StoreDocument, each: number): void {
  const event_type = String(letter.event_type ?? 'unknown')
  const reason = String(letter.reason)
  const path = kindPath(letter.path)
  const key = `${event_type} ${reason} ${path}`
  const kind = kinds.get(key) ?? { event_type, reason, path, count: 0, samples: [] }
  kind.count += 1
  if (kind.samples.length < each) kind.samples.push(letter)
  kinds.set(key, kind)
}
