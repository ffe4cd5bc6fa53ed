import { ShoplakeError } from '../errors.ts'
import { type Handler, jsonAnswer, timeParam } from './call.ts'
import type { AppDeps } from './deps.ts'

const MINUTE_MS = 60_000
/** Without an end of its own: events may have been received by a clock that was ahead. */
const END_OF_TIME = Date.UTC(9999, 11, 31)

/** What became of every event, over all time unless asked for less. */
export function ledgerHandlers(deps: AppDeps): { getLedger: Handler } {
  return {
    async getLedger(call) {
      const from = timeParam(call, 'from') ?? 0
      const to = timeParam(call, 'to') ?? END_OF_TIME
      if (from > to) throw new ShoplakeError('bad_request', 'from must not be later than to')
      const minutes = [Math.floor(from / MINUTE_MS), Math.ceil(to / MINUTE_MS)] as const
      return jsonAnswer(200, await deps.ledger(...minutes))
    },
  }
}
