import { formatTime } from '../data/format.ts'
import { useSession } from '../data/session.tsx'

/** What a question to the server came to, as far as it matters here. */
export interface Answered {
  readonly data: unknown
  readonly isError: boolean
  /** Milliseconds since 1970. */
  readonly dataUpdatedAt: number
  readonly refetch: () => unknown
}

/** Whether what stands there is from before the server failed: no verdict is to be drawn from it. */
export function isStale({ data, isError }: Pick<Answered, 'data' | 'isError'>): boolean {
  return isError && data !== undefined
}

interface StaleNoteProps {
  readonly answer: Answered
  readonly className?: string
}

/** Since when an answer that is still shown could not be asked for anew, and the way to try again; nothing while it can. */
export function StaleNote({ answer, className = '' }: StaleNoteProps) {
  const { server } = useSession()
  if (!isStale(answer)) return null
  return (
    <p
      role="status"
      className={`flex flex-wrap items-center gap-x-2 text-xs text-warn ${className}`}
      data-stale=""
    >
      Not refreshed since {formatTime(answer.dataUpdatedAt, server.shop.time_zone)}
      <button
        type="button"
        className="link inline-flex min-h-6 items-center max-sm:min-h-11"
        onClick={() => void answer.refetch()}
      >
        Try again
      </button>
    </p>
  )
}
