import type { StreamState } from './stream.ts'

const WORDS: { readonly [S in StreamState]: { readonly text: string; readonly dot: string } } = {
  connecting: { text: 'connecting', dot: 'bg-soft' },
  live: { text: 'live', dot: 'bg-good' },
  stale: { text: 'stale', dot: 'bg-warn' },
  paused: { text: 'paused', dot: 'bg-soft' },
}

/** Whether the numbers still move; the word says it, the dot repeats it. */
export function LivePill({ state }: { readonly state: StreamState }) {
  const { text, dot } = WORDS[state]
  return (
    <output className="inline-flex items-center gap-1.5 rounded-full border border-line bg-surface px-2.5 py-1 text-xs font-medium">
      <span aria-hidden="true" className={`size-2 rounded-full ${dot}`} />
      {text}
    </output>
  )
}
