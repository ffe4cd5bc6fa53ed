import { createContext, type ReactNode, useContext } from 'react'
import type { Api, ServerInfo } from './api.ts'
import type { ReportInfo } from './report-types.ts'

/** What every page stands on: who the server is, the way to it, and the reports that it has. */
export interface Session {
  readonly server: ServerInfo
  readonly api: Api
  readonly reports: ReadonlyMap<string, ReportInfo>
  /** Forgets the key, so that another is asked for. */
  readonly signOut: () => void
  /** What only an admin may do: with the admin key that was given here, else with the same key as `api`. */
  readonly admin: Api
  /** Takes an admin key, for as long as the page is open; it is stored nowhere. */
  readonly takeAdminKey: (key: string) => void
}

const SessionContext = createContext<Session | undefined>(undefined)

export function SessionProvider({
  session,
  children,
}: {
  readonly session: Session
  readonly children: ReactNode
}) {
  return <SessionContext value={session}>{children}</SessionContext>
}

export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('a page stands outside the frame')
  return session
}
