import { useEffect, useState } from 'react'

const SHOWN_MS = 2000

/** What became of the last copy; `idle` again after two seconds. */
export type CopyState = 'idle' | 'done' | 'refused'

/**
 * Copies a text, and tells for a moment what became of it. Without https a browser gives no clipboard: then there is no
 * `copy`, and the text can be selected as ever. With one it may still refuse.
 */
export function useCopy(): {
  readonly state: CopyState
  readonly copy: ((text: string) => void) | undefined
} {
  const [state, setState] = useState<CopyState>('idle')
  useEffect(() => {
    if (state === 'idle') return
    const timer = window.setTimeout(() => setState('idle'), SHOWN_MS)
    return () => window.clearTimeout(timer)
  }, [state])
  if (!('clipboard' in navigator)) return { state, copy: undefined }
  const copy = (text: string) => {
    navigator.clipboard.writeText(text).then(
      () => setState('done'),
      () => setState('refused'),
    )
  }
  return { state, copy }
}

export const COPY_WORDS: { readonly [S in CopyState]: string } = {
  idle: 'Copy',
  done: 'Copied',
  refused: 'The browser refused',
}
