import type { StoreRebuild, StoreTable } from '../ports.ts'
import { encodeChanges, putAll } from './store-changes.ts'
import { REDO, type StoreDatabase, type StoreEnvironment } from './store-environment.ts'

/** Rows copied in one transaction. */
const COPIED_AT_ONCE = 1000

/** What the store does to its new environment. */
export type RebuildHands = Pick<StoreRebuild, 'get' | 'list' | 'finish' | 'discard'>

/** Takes over ledger, checkpoint and the kept tables into the new environment; the rest of it is the caller's to fill. */
export async function openStoreRebuild(
  old: StoreEnvironment,
  next: StoreEnvironment,
  kept: readonly StoreTable[],
  hands: RebuildHands,
): Promise<StoreRebuild> {
  await copyRows(old.ledger, next.ledger, next)
  await copyRows(old.meta, next.meta, next)
  // Nothing waits: what is made anew has everything up to the checkpoint.
  await next.write(() => void next.meta.remove(REDO))
  for (const table of kept) await copyRows(old.table(table), next.table(table), next)
  return {
    change: async (changes) => {
      const encoded = await encodeChanges(changes)
      if (encoded.length === 0) return
      await next.write(() => putAll(next, encoded))
      next.refresh()
    },
    get: hands.get,
    list: hands.list,
    finish: hands.finish,
    discard: hands.discard,
  }
}

async function copyRows(
  from: StoreDatabase,
  to: StoreDatabase,
  next: StoreEnvironment,
): Promise<void> {
  let last: Buffer | undefined
  for (;;) {
    const after = last && { start: last, exclusiveStart: true }
    const rows = [...from.getRange({ ...after, limit: COPIED_AT_ONCE })]
    if (rows.length === 0) return
    const copies = rows.map(({ key, value }) => [Buffer.from(key), Buffer.from(value)] as const)
    await next.write(() => {
      for (const [key, value] of copies) void to.put(key, value)
    })
    last = copies.at(-1)![0]
  }
}
