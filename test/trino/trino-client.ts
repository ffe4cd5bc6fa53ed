import { setTimeout as sleep } from 'node:timers/promises'

/** A result as Trino's HTTP protocol gives it: values by its own JSON forms. */
export interface TrinoResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly unknown[])[]
}

export interface Trino {
  /** Runs one statement; `params` fill each ? in order. Throws a plain Error with the engine's message. */
  run(sql: string, params?: readonly (string | number)[]): Promise<TrinoResult>
}

interface Page {
  readonly nextUri?: string
  readonly columns?: { name: string; type: string }[]
  readonly data?: unknown[][]
  readonly error?: { message: string; errorName: string }
}

export function connectTrino(url: string, place: { catalog: string; schema: string }): Trino {
  const headers = {
    'x-trino-user': 'test',
    'x-trino-catalog': place.catalog,
    'x-trino-schema': place.schema,
    'x-trino-time-zone': 'UTC',
    // A plan that takes longer fails as itself, and the next one runs.
    'x-trino-session': 'query_max_planning_time=10m,query_max_run_time=20m',
  }
  const page = async (answer: Response): Promise<Page> => {
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Page
  }
  return {
    async run(sql, params = []) {
      const text = params.length === 0 ? sql : immediate(sql, params)
      let next = await page(
        await fetch(`${url}/v1/statement`, { method: 'POST', headers, body: text }),
      )
      const rows: unknown[][] = []
      let columns = next.columns ?? []
      for (;;) {
        if (next.error) throw new Error(`${next.error.errorName}: ${next.error.message}`)
        rows.push(...(next.data ?? []))
        columns = next.columns ?? columns
        if (!next.nextUri) return { columns, rows }
        const answer = await fetch(next.nextUri, { headers })
        if (answer.status === 503) await sleep(50)
        else next = await page(answer)
      }
    },
  }
}

/** Parameters go beside the text, as Athena's do, not into it. */
function immediate(sql: string, params: readonly (string | number)[]): string {
  const values = params.map((value) => (typeof value === 'number' ? String(value) : quoted(value)))
  return `EXECUTE IMMEDIATE ${quoted(sql)} USING ${values.join(', ')}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
