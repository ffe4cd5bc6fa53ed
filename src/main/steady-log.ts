import { ShoplakeError } from '../errors.ts'

/** The part of a logger that is kept readable. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

const QUIET_MS = 10_000
/** Kinds of lines remembered; beyond it the memory starts anew. */
const MOST_KINDS = 1000

/**
 * The same log, in which lines of one kind (level, message, code, route and status) come at most every ten seconds; the
 * next one says in `more` how many were left out. Overload and a broken client are one line then, not a thousand a second.
 */
export function steadyLog(log: Log, now: () => number = () => performance.now()): Log {
  const kinds = new Map<string, { until: number; more: number }>()
  const through =
    (level: keyof Log) =>
    (fields: object, message: string): void => {
      const { code, route, status } = fields as { code?: string; route?: string; status?: number }
      const kind = [level, message, code, route, status].join(' ')
      const known = kinds.get(kind)
      if (known && now() < known.until) {
        known.more++
        return
      }
      if (kinds.size >= MOST_KINDS) kinds.clear()
      kinds.set(kind, { until: now() + QUIET_MS, more: 0 })
      log[level](known?.more ? { ...fields, more: known.more } : fields, message)
    }
  return { info: through('info'), warn: through('warn'), error: through('error') }
}

/** What a line says of an error: code and sentence of one of ours, which is expected to happen; else the error with its stack. */
export function whyOf(error: unknown): object {
  if (!(error instanceof ShoplakeError)) return { err: error }
  const { cause, code, message } = error
  return { code, why: message, ...(cause instanceof Error && { cause: cause.message }) }
}
