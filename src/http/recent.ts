import { ShoplakeError } from '../errors.ts'
import type { Positions } from '../ports.ts'
import { EVENT_TYPES } from '../schema/registry.ts'
import { type Call, type Handler, jsonAnswer, numberParam, textParam, wordParam } from './call.ts'
import type { AppDeps } from './deps.ts'

const VERDICTS = ['accepted', 'duplicate', 'rejected'] as const

/** What came last, with its verdict, from the end of the stream. */
export function recentHandlers(deps: AppDeps): { tailEvents: Handler } {
  return {
    async tailEvents(call) {
      if (!deps.recent) {
        throw new ShoplakeError(
          'not_offered',
          'The stream of this home cannot be watched event by event. What came is in SQL once the lake writer has taken it, and in the ledger at once.',
        )
      }
      const after = afterOf(call)
      const event_type = wordParam(call, 'event_type', [...EVENT_TYPES, 'unknown'])
      const source = textParam(call, 'source')
      const verdict = wordParam(call, 'verdict', VERDICTS)
      const { events, heads } = await deps.recent({
        limit: numberParam(call, 'limit', { otherwise: 50, min: 1, max: 200 }),
        ...(after ? { after } : {}),
        ...(event_type ? { event_type } : {}),
        ...(source ? { source } : {}),
        ...(verdict ? { verdict } : {}),
      })
      return jsonAnswer(200, { events, cursor: heads.join('.') })
    },
  }
}

/** A cursor is a position per bucket. Throws bad_request. */
function afterOf(call: Call): Positions | undefined {
  const text = textParam(call, 'after')
  if (text === undefined) return undefined
  if (/^\d{1,15}(\.\d{1,15}){0,255}$/.test(text)) return text.split('.').map(Number)
  throw new ShoplakeError('bad_request', 'after must be the cursor of an answer before')
}
