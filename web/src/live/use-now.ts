import { useEffect, useMemo, useState } from 'react'

const TICK_MS = 5000

/** The server's time in milliseconds, told again every few seconds; `at` is what the server said last. */
export function useServerNow(at: string | undefined): number {
  const ahead = useMemo(() => (at ? Date.parse(at) - Date.now() : 0), [at])
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), TICK_MS)
    return () => window.clearInterval(timer)
  }, [])
  return Math.max(now + ahead, at ? Date.parse(at) : 0)
}
