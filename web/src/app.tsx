import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { DEV_KEY, forgetKey, read, type ServerInfo, storedKey, storeKey } from './api.ts'
import { KeyForm } from './key-form.tsx'
import { Notice } from './notice.tsx'
import { Today } from './today.tsx'

/** Asks the server who it is, then for a key where one is needed, then shows the page. */
export function App() {
  const info = useQuery({
    queryKey: ['version'],
    queryFn: ({ signal }) => read<ServerInfo>('/version', undefined, signal),
  })
  const [key, setKey] = useState(storedKey())
  if (info.isPending) return <main className="p-6 text-soft">Connecting …</main>
  if (info.isError) {
    return (
      <main className="mx-auto max-w-xl p-6">
        <Notice
          title="The server does not answer"
          text={info.error.message}
          onRetry={() => info.refetch()}
        />
      </main>
    )
  }
  const usable = info.data.mode === 'dev' ? DEV_KEY : key
  if (!usable) {
    const keep = (text: string) => {
      storeKey(text)
      setKey(text)
    }
    return <KeyForm onKey={keep} />
  }
  const forget = () => {
    forgetKey()
    setKey(undefined)
  }
  return <Today server={info.data} apiKey={usable} onRefused={forget} />
}
