import { useQuery } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useCallback, useMemo, useState } from 'react'
import {
  type Api,
  createApi,
  DEV_KEY,
  forgetKey,
  type ServerInfo,
  storedKey,
  storeKey,
} from '../data/api.ts'
import type { ReportInfo } from '../data/report-types.ts'
import { SessionProvider } from '../data/session.tsx'
import { Notice } from '../parts/notice.tsx'
import { KeyForm } from './key-form.tsx'
import { createConsoleRouter } from './router.tsx'

const RETRY_MS = 2000

/** Asks the server who it is, then for a key where one is needed, then for its reports, then shows the page. */
export function App() {
  const [key, setKey] = useState(storedKey())
  const forget = useCallback(() => {
    forgetKey()
    setKey(undefined)
  }, [])
  const open = useMemo(() => createApi(undefined, () => {}), [])
  const info = useQuery({
    queryKey: ['version'],
    queryFn: ({ signal }) => open.read<ServerInfo>('/version', { signal }),
    refetchInterval: (query) => (query.state.status === 'error' ? RETRY_MS : false),
  })
  if (info.isPending) return <Waiting />
  if (info.isError) {
    return <Alone title="The server does not answer" error={info.error} retry={info.refetch} />
  }
  const usable = info.data.mode === 'dev' ? DEV_KEY : key
  if (!usable) {
    const keep = (text: string) => {
      storeKey(text)
      setKey(text)
    }
    return <KeyForm onKey={keep} />
  }
  return <Opened server={info.data} apiKey={usable} onRefused={forget} />
}

interface OpenedProps {
  readonly server: ServerInfo
  readonly apiKey: string
  readonly onRefused: () => void
}

function Opened({ server, apiKey, onRefused }: OpenedProps) {
  const api = useMemo(() => createApi(apiKey, onRefused), [apiKey, onRefused])
  const router = useMemo(createConsoleRouter, [])
  const reports = useReportList(api)
  const [adminKey, takeAdminKey] = useState<string>()
  const admin = useMemo(
    () => (adminKey === undefined ? api : createApi(adminKey, () => takeAdminKey(undefined))),
    [api, adminKey],
  )
  if (reports.isPending) return <Waiting />
  if (reports.isError) {
    return (
      <Alone title="The reports cannot be read" error={reports.error} retry={reports.refetch} />
    )
  }
  const session = {
    server,
    api,
    reports: reports.data,
    signOut: onRefused,
    admin,
    takeAdminKey,
  }
  return (
    <SessionProvider session={session}>
      <RouterProvider router={router} />
    </SessionProvider>
  )
}

function useReportList(api: Api) {
  return useQuery({
    queryKey: ['reports', api.key],
    queryFn: async ({ signal }) => {
      const { reports } = await api.read<{ reports: ReportInfo[] }>('/v1/reports', { signal })
      return new Map(reports.map((report) => [report.name, report]))
    },
    staleTime: Number.POSITIVE_INFINITY,
  })
}

function Waiting() {
  return (
    <main className="p-6 text-soft" role="status">
      Connecting …
    </main>
  )
}

interface AloneProps {
  readonly title: string
  readonly error: Error
  readonly retry: () => unknown
}

function Alone({ title, error, retry }: AloneProps) {
  return (
    <main className="mx-auto max-w-xl p-6">
      <Notice title={title} error={error} onRetry={() => void retry()} />
    </main>
  )
}
