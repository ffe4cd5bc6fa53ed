import { setImmediate as nextTurn } from 'node:timers/promises'
import type { StoreChange, StoreTable, TakenChanges } from '../ports.ts'
import { keyOf, type StoreEnvironment } from './store-environment.ts'

/** Documents encoded between two turns of the event loop. */
const ENCODED_AT_ONCE = 500
const CHUNK_BYTES = 512 * 1024

/** A change ready to write; no value deletes. */
interface EncodedChange {
  readonly table: StoreTable
  readonly key: Buffer
  readonly value: Buffer | undefined
}

/** Changes by what `takeChanges` gave for them. */
const TAKEN = Symbol('taken')

interface Taken extends TakenChanges {
  readonly [TAKEN]: readonly EncodedChange[]
}

/** See Store.take. Gives the event loop back on the way. */
export async function takeChanges(changes: readonly StoreChange[]): Promise<TakenChanges> {
  const encoded = await encodeChanges(changes)
  const taken: Taken = { length: encoded.length, [TAKEN]: encoded }
  return taken
}

/** What was taken by `takeChanges`, or is taken now. */
export async function encodedOf(
  changes: readonly StoreChange[] | TakenChanges,
): Promise<readonly EncodedChange[]> {
  if (TAKEN in changes) return (changes as Taken)[TAKEN]
  return encodeChanges(changes as readonly StoreChange[])
}

/** Changes as they are written. Gives the event loop back on the way. */
export async function encodeChanges(changes: readonly StoreChange[]): Promise<EncodedChange[]> {
  const encoded: EncodedChange[] = []
  const bytesOf = createTextBytes()
  for (const { table, key, document } of changes) {
    const value = document === null ? undefined : bytesOf(JSON.stringify(document))
    encoded.push({ table, key: keyOf(key), value })
    if (encoded.length % ENCODED_AT_ONCE === 0) await nextTurn()
  }
  return encoded
}

/** UTF-8 of many texts, side by side in few large buffers: one for each text would cost more than writing it. */
function createTextBytes(): (text: string) => Buffer {
  let chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  let used = 0
  return (text) => {
    // A UTF-16 unit is three bytes at most.
    const most = text.length * 3
    if (most > CHUNK_BYTES) return Buffer.from(text)
    if (most > CHUNK_BYTES - used) {
      chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES)
      used = 0
    }
    const start = used
    used += chunk.write(text, start)
    return chunk.subarray(start, used)
  }
}

/** Puts the changes; call it within `StoreEnvironment.write`. */
export function putAll(environment: StoreEnvironment, changes: readonly EncodedChange[]): void {
  for (const { table, key, value } of changes) {
    const database = environment.table(table)
    if (value) void database.put(key, value)
    else void database.remove(key)
  }
}
