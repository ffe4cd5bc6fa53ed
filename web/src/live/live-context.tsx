import { createContext, type ReactNode, useContext } from 'react'
import { useSession } from '../data/session.tsx'
import type { Live } from './live.ts'
import { type Streamed, useStream } from './stream.ts'

const LiveContext = createContext<Streamed<Live> | undefined>(undefined)

/** One stream of live numbers for the whole console. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const { api, signOut } = useSession()
  const stream = useStream<Live>('/v1/live/stream', api, signOut)
  return <LiveContext value={stream}>{children}</LiveContext>
}

export function useLive(): Streamed<Live> {
  const stream = useContext(LiveContext)
  if (!stream) throw new Error('a page stands outside the frame')
  return stream
}
