import { useCallback, useEffect, useRef, useState } from 'react'
import { messageOf } from '../data/api.ts'
import { useSession } from '../data/session.tsx'
import { nextPage, runSql, type SqlResult } from '../data/sql.ts'
import { failureOf, type SqlFailure } from './failure.ts'

export interface QueryRun {
  readonly result: SqlResult | undefined
  readonly failure: SqlFailure | undefined
  readonly isRunning: boolean
  /** When the present run began, milliseconds since 1970. */
  readonly began: number
  readonly wasCancelled: boolean
  run(sql: string): void
  cancel(): void
  /** Fetches the next page of rows of the result. */
  more(): Promise<void>
}

/** One query at a time; another run gives up the one before, here and on the server. The last result stays while one runs. */
export function useQueryRun(): QueryRun {
  const { api } = useSession()
  const [result, setResult] = useState<SqlResult>()
  const [failure, setFailure] = useState<SqlFailure>()
  const [began, setBegan] = useState(0)
  const [isRunning, setRunning] = useState(false)
  const [wasCancelled, setCancelled] = useState(false)
  const running = useRef<AbortController>(undefined)
  useEffect(() => () => running.current?.abort(), [])

  const run = useCallback(
    (sql: string) => {
      running.current?.abort()
      const own = new AbortController()
      running.current = own
      setBegan(Date.now())
      setRunning(true)
      setFailure(undefined)
      setCancelled(false)
      const ended = (tell: () => void) => {
        if (own.signal.aborted) return
        setRunning(false)
        tell()
      }
      runSql(api, sql, own.signal).then(
        (answer) => ended(() => setResult(answer)),
        (error: unknown) =>
          ended(() => {
            setResult(undefined)
            setFailure(failureOf(messageOf(error), sql))
          }),
      )
    },
    [api],
  )
  const cancel = useCallback(() => {
    running.current?.abort()
    setRunning(false)
    setCancelled(true)
  }, [])
  const more = async () => {
    if (!result?.next_cursor) return
    const page = await nextPage(api, result)
    setResult({ ...page, rows: [...result.rows, ...page.rows] })
  }
  return { result, failure, isRunning, began, wasCancelled, run, cancel, more }
}
