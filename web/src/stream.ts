import { useEffect, useState } from 'react'
import { open } from './api.ts'

export type StreamState = 'connecting' | 'live' | 'stale' | 'paused'

const RETRY_MS = 2000
/** The server beats at least every 15 s; longer silence means that the numbers are old. */
const STALE_MS = 20_000

/**
 * The latest message of a server-sent event stream, and whether it still flows. Reads with fetch, since EventSource cannot
 * send a key. Pauses while the page is hidden.
 */
export function useStream<T>(
  path: string,
  key: string | undefined,
): { value: T | undefined; state: StreamState } {
  const [value, setValue] = useState<T>()
  const [state, setState] = useState<StreamState>('connecting')
  useEffect(() => {
    let controller: AbortController | undefined
    let silence: number | undefined
    let retry: number | undefined
    const beat = () => {
      setState('live')
      window.clearTimeout(silence)
      silence = window.setTimeout(() => setState('stale'), STALE_MS)
    }
    const connect = () => {
      controller = new AbortController()
      const { signal } = controller
      follow<T>(path, key, signal, setValue, beat)
        .catch((error: unknown) => {
          if (!signal.aborted) console.warn('live stream:', error)
        })
        .finally(() => {
          if (signal.aborted) return
          setState('stale')
          retry = window.setTimeout(connect, RETRY_MS)
        })
    }
    const stop = () => {
      controller?.abort()
      window.clearTimeout(silence)
      window.clearTimeout(retry)
    }
    const onVisibility = () => {
      stop()
      if (document.hidden) setState('paused')
      else connect()
    }
    connect()
    document.addEventListener('visibilitychange', onVisibility)
    return () => {
      stop()
      document.removeEventListener('visibilitychange', onVisibility)
    }
  }, [path, key])
  return { value, state }
}

/** Reads until the stream ends; `onValue` for each data line, `onBeat` for anything at all. */
async function follow<T>(
  path: string,
  key: string | undefined,
  signal: AbortSignal,
  onValue: (value: T) => void,
  onBeat: () => void,
): Promise<void> {
  const response = await open(path, key, signal)
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    onBeat()
    const lines = (rest + value).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line.startsWith('data:')) onValue(JSON.parse(line.slice(5)) as T)
    }
  }
}
