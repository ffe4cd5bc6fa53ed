import { changeLake } from './lake-change.ts'
import { allFiles, type LakeCore, stateOf } from './lake-core.ts'
import { ledgerOf } from './lake-late.ts'
import { readFiles } from './lake-views.ts'

const DAY_MS = 86_400_000

/** Drops one file whose day lies before the last `lake_days` days, and books its rows as expired. Returns whether there was one. */
export async function expireOnce(core: LakeCore): Promise<boolean> {
  const { lake_days } = core.config
  if (lake_days === 0) return false
  const first = new Date(core.ageNow() - lake_days * DAY_MS).toISOString().slice(0, 10)
  const file = allFiles(core).find((candidate) => candidate.dt < first)
  if (!file) return false
  const type = file.event_type
  const relation = readFiles([file.path], core.lakeDirectory)
  const counts = await ledgerOf(core, type, `FROM ${relation}`, core.background)
  await core.lock(async () => {
    if (!stateOf(core, type).files.has(file.path)) return
    await changeLake(core, async (change) => {
      change.remove.push(file)
      for (const delta of counts) {
        const rows = delta.counts.in_lake!
        change.ledger.push({ ...delta, counts: { in_lake: -rows, expired: rows } })
      }
    })
  })
  return true
}
