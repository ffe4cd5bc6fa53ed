import { setImmediate as yieldToOthers } from 'node:timers/promises'
import { ShoplakeError } from '../errors.ts'
import { ERASED_PREFIX, isErased } from '../schema/erased.ts'
import { type Handler, jsonAnswer } from './call.ts'
import type { AppDeps } from './deps.ts'
import { entriesOf } from './page.ts'

type EraseRoute = 'eraseCustomer' | 'getErasure'

const HOUR_MS = 3_600_000
/** A segment of the stream goes as a whole, once its youngest record may. */
const SEGMENT_HOURS = 2
const LONGEST_ID = 200
const REMEMBERED = 1000

interface Erasure {
  readonly erased_id: string
  readonly requested_at: string
  /** Whether the store has dropped it all, and no byte of it is left on disk. */
  readonly scrubbed: boolean
}

/** Erasing a person, and how far it has come. Neither answer nor log names the person. */
export function eraseHandlers(deps: AppDeps): { [N in EraseRoute]: Handler } {
  // Bridges the moment until the store updater has seen the tombstone.
  const recent = new Map<string, Erasure>()
  return {
    async eraseCustomer(call) {
      const customer_id = call.param('id')
      if (customer_id.length > LONGEST_ID || isErased(customer_id)) {
        throw new ShoplakeError('bad_request', 'this is no customer_id')
      }
      const requested_at = deps.now()
      // A link that was accepted and not yet applied would be missing from the tombstone.
      await deps.storeCaughtUp()
      const erased_id = await deps.erasedId(customer_id)
      const anonymous_ids = await browsersOf(deps, customer_id)
      await deps.door.erase({ customer_id, anonymous_ids, erased_id, requested_at })
      const erasure = {
        erased_id,
        requested_at: new Date(requested_at).toISOString(),
        scrubbed: false,
      }
      if (recent.size >= REMEMBERED) recent.delete(recent.keys().next().value!)
      recent.set(erased_id, erasure)
      return jsonAnswer(202, await receiptOf(deps, erasure))
    },
    async getErasure(call) {
      const erased_id = `${ERASED_PREFIX}${call.param('id')}`
      const erasure = later(await findApplied(deps, erased_id), recent.get(erased_id))
      if (erasure) return jsonAnswer(200, await receiptOf(deps, erasure))
      throw new ShoplakeError('not_found', 'there is no such erasure')
    },
  }
}

/** Every browser linked to a customer. The whole table is read, in steps, so that nobody waits for it. */
async function browsersOf({ store }: AppDeps, customer_id: string): Promise<string[]> {
  const known = (await store.get('customers', customer_id))?.anonymous_ids
  const found = new Set<string>(Array.isArray(known) ? (known as string[]) : [])
  let read = 0
  for await (const { key, document } of entriesOf(store, { table: 'identities' })) {
    if (document.customer_id === customer_id) found.add(key)
    read += 1
    if (read % 2000 === 0) await yieldToOthers()
  }
  return [...found]
}

/** Of somebody who is erased again, what was asked for last. */
function later(applied: Erasure | undefined, asked: Erasure | undefined): Erasure | undefined {
  if (!applied || !asked) return applied ?? asked
  return asked.requested_at > applied.requested_at ? asked : applied
}

/** A person has a tombstone for each of their ids; the slowest one counts, and the last request. */
async function findApplied({ store }: AppDeps, erased_id: string): Promise<Erasure | undefined> {
  let found: Erasure | undefined
  for await (const { document } of entriesOf(store, { table: 'tombstones' })) {
    if (document.erased_id !== erased_id) continue
    const scrubbed = document.scrubbed_at !== undefined && found?.scrubbed !== false
    const asked = String(document.requested_at)
    const requested_at = found && found.requested_at > asked ? found.requested_at : asked
    found = { erased_id, requested_at, scrubbed }
  }
  return found
}

async function receiptOf(deps: AppDeps, erasure: Erasure): Promise<object> {
  const { erased_id, requested_at, scrubbed } = erasure
  const asked = Date.parse(requested_at)
  const expires = asked + (deps.config.stream_hours + SEGMENT_HOURS) * HOUR_MS
  const lake = (await deps.lake.eraseState(erased_id, asked)) ?? 'pending'
  const store = scrubbed ? 'done' : 'pending'
  const isGone = expires <= deps.now()
  return {
    erasure_id: erased_id.slice(ERASED_PREFIX.length),
    customer_id: erased_id,
    requested_at,
    state: store === 'done' && lake === 'done' && isGone ? 'done' : 'pending',
    places: [
      { place: 'store', state: store },
      { place: 'dead_letters', state: store },
      { place: 'lake', state: lake },
      isGone
        ? { place: 'stream', state: 'done' }
        : { place: 'stream', state: 'expires', expires_at: new Date(expires).toISOString() },
    ],
  }
}
