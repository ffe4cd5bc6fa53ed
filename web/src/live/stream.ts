import { useEffect, useRef, useState } from 'react'
import { type Api, isNotOffered, ProblemError } from '../data/api.ts'

export type StreamState = 'connecting' | 'live' | 'stale' | 'paused'

export interface Streamed<T> {
  readonly value: T | undefined
  readonly state: StreamState
  /** When the server last said anything, by this machine's clock. */
  readonly heardAt: number | undefined
  /** Why the last attempt failed, in the server's own words where it had any. */
  readonly failure: Error | undefined
}

const RETRY_MS = 2000
/** Where answers come whole, they are asked for again and again. */
const POLL_MS = 5000
/** The server beats at least every 15 s; longer silence means that the numbers are old. */
const STALE_MS = 20_000

/**
 * The latest message of a server-sent event stream, and whether it still flows. Reads with fetch, since EventSource cannot
 * send a key; a home that has no streams is asked for the whole answer instead, at the path above. Pauses while the page is hidden; `onRefused` when the key is not (or no longer) good, and then it ends.
 */
export function useStream<T>(path: string, api: Api, onRefused: () => void): Streamed<T> {
  const [value, setValue] = useState<T>()
  const [state, setState] = useState<StreamState>('connecting')
  const [heardAt, setHeardAt] = useState<number>()
  const [failure, setFailure] = useState<Error>()
  const refused = useRef(onRefused)
  refused.current = onRefused
  useEffect(() => {
    const end = keepFollowing<T>(path, api, {
      onValue: setValue,
      onState: setState,
      onBeat: () => {
        setHeardAt(Date.now())
        setFailure(undefined)
      },
      onFailure: setFailure,
      onRefused: () => refused.current(),
    })
    return end
  }, [path, api])
  return { value, state, heardAt, failure }
}

interface Listener<T> {
  onValue(value: T): void
  onState(state: StreamState): void
  onBeat(): void
  onFailure(error: Error): void
  onRefused(): void
}

/** Follows a stream, again after each end, while the page is visible; returns what ends it for good. */
function keepFollowing<T>(path: string, api: Api, listener: Listener<T>): () => void {
  let controller: AbortController | undefined
  let silence: number | undefined
  let retry: number | undefined
  const beat = () => {
    listener.onState('live')
    listener.onBeat()
    window.clearTimeout(silence)
    silence = window.setTimeout(() => listener.onState('stale'), STALE_MS)
  }
  const connect = async () => {
    controller = new AbortController()
    const { signal } = controller
    const error = await follow<T>(path, api, signal, listener.onValue, beat).catch(errorOf)
    if (isNotOffered(error)) return poll(signal)
    if (signal.aborted) return
    window.clearTimeout(silence)
    listener.onState('stale')
    if (error) listener.onFailure(error)
    if (isRefusal(error)) listener.onRefused()
    else retry = window.setTimeout(connect, RETRY_MS)
  }
  /** What the stream would tell, from the path above it. */
  const poll = async (signal: AbortSignal): Promise<void> => {
    const whole = path.slice(0, path.lastIndexOf('/'))
    const value = await api.read<T>(whole, { signal }).catch(errorOf)
    if (signal.aborted) return
    if (value instanceof Error) {
      listener.onState('stale')
      listener.onFailure(value)
      if (isRefusal(value)) return listener.onRefused()
    } else {
      listener.onValue(value)
      beat()
    }
    retry = window.setTimeout(() => void poll(signal), POLL_MS)
  }
  const stop = () => {
    controller?.abort()
    window.clearTimeout(silence)
    window.clearTimeout(retry)
  }
  const onVisibility = () => {
    stop()
    if (document.hidden) listener.onState('paused')
    else void connect()
  }
  void connect()
  document.addEventListener('visibilitychange', onVisibility)
  return () => {
    stop()
    document.removeEventListener('visibilitychange', onVisibility)
  }
}

/** Reads until the stream ends; `onValue` for each data line, `onBeat` for anything at all. */
async function follow<T>(
  path: string,
  api: Api,
  signal: AbortSignal,
  onValue: (value: T) => void,
  onBeat: () => void,
): Promise<undefined> {
  const response = await api.open(path, { signal })
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

function errorOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

function isRefusal(error: Error | undefined): boolean {
  return error instanceof ProblemError && [401, 403].includes(error.problem.status)
}
