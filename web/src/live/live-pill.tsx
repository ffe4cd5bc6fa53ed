import { formatTime } from '../data/format.ts'
import type { StreamState } from './stream.ts'

const WORDS: { readonly [S in StreamState]: { readonly text: string; readonly dot: string } } = {
  connecting: { text: 'connecting', dot: 'bg-soft' },
  live: { text: 'live', dot: 'bg-good' },
  stale: { text: 'stale', dot: 'bg-warn' },
  paused: { text: 'paused', dot: 'bg-soft' },
}

interface LivePillProps {
  readonly state: StreamState
  /** When the server last said anything, milliseconds by this machine's clock. */
  readonly heardAt: number | undefined
  readonly zone: string
}

/** Whether the numbers still move, and since when not; the word says it, the dot repeats it. */
export function LivePill({ state, heardAt, zone }: LivePillProps) {
  const { text, dot } = WORDS[state]
  const since = state === 'stale' && heardAt !== undefined && ` since ${formatTime(heardAt, zone)}`
  return (
    <output className="chip gap-1.5 px-2.5 py-1" data-live={state}>
      <span aria-hidden="true" className={`swatch size-2 rounded-full ${dot}`} />
      {text}
      {since}
    </output>
  )
}
