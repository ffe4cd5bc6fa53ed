import type { LakeView } from '../http/deps.ts'
import type { LakeErasure } from '../local/lake-erase.ts'
import type { LakeMeta } from '../local/lake-meta.ts'
import { type LakeDeadLetter, listRefused } from '../local/lake-refused.ts'
import type { SqlClient } from '../local/sql-socket.ts'
import { createPoll } from '../poll.ts'

/** What the lake process tells of itself, by the call `status`. */
export interface LakeStatus {
  /** Everything received up to then is visible to SQL, milliseconds since 1970. */
  readonly visible_until: number | null
  readonly erasures: readonly LakeErasure[]
}

export interface LakeWatch extends LakeView {
  freshness(): number | undefined
  stop(): Promise<void>
}

const LOOK_MS = 1000
const LETTERS_LIMIT = 1000

/** The lake as the collect process last heard of it: asked every second, so that requests need not wait for it. */
export function watchLake(options: {
  sql: SqlClient
  meta: LakeMeta
  refusedDirectory: string
  onError(error: unknown): void
}): LakeWatch {
  let status: LakeStatus = { visible_until: null, erasures: [] }
  let letters: readonly LakeDeadLetter[] = []
  const look = async () => {
    if (options.sql.isUp()) status = await options.sql.ask<LakeStatus>('status')
    if (options.meta.refused({ limit: 1 }).length === 0) return
    letters = await listRefused(options.meta, options.refusedDirectory, { limit: LETTERS_LIMIT })
  }
  const poll = createPoll(LOOK_MS, look, options.onError)
  return {
    notEncodable: () => [...letters].reverse().map((letter) => ({ ...letter })),
    eraseState(erased_id, requested_at) {
      const erasures = status.erasures.filter((entry) => entry.erased_id === erased_id)
      if (!erasures.some((entry) => entry.requested_at >= requested_at)) return undefined
      return erasures.every((entry) => entry.files_pending === 0) ? 'done' : 'pending'
    },
    freshness: () => status.visible_until ?? undefined,
    stop: poll.stop,
  }
}
