import { setTimeout as sleep } from 'node:timers/promises'
import type { ResultValue } from '../ports.ts'
import type { Client } from './client.ts'
import type { FigureRow } from './figure.ts'

const PAGE_ENTRIES = 500
const PATIENCE_MS = 60_000
const POLL_MS = 250

interface Answer {
  readonly query_id?: string
  readonly columns: readonly { readonly name: string }[]
  readonly rows: readonly (readonly ResultValue[])[]
}

/** Rows of one SELECT by column name; waits for a slow one, and while all slots are taken or SQL is starting. */
export async function askSql(client: Client, sql: string): Promise<readonly FigureRow[]> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sql }),
  }
  let answer = await patiently<Answer>(client, '/v1/sql', init)
  while (answer.rows === undefined) {
    await sleep(POLL_MS)
    answer = await patiently<Answer>(client, `/v1/sql/${answer.query_id}`)
  }
  return rowsOf(answer)
}

/** Rows of a report by column name. */
export async function askReport(
  client: Client,
  name: string,
  params: { readonly [name: string]: string | number },
): Promise<readonly FigureRow[]> {
  const query = new URLSearchParams()
  for (const [param, value] of Object.entries(params)) query.set(param, String(value))
  return rowsOf(await patiently<Answer>(client, `/v1/reports/${name}?${query}`))
}

/** Every entry of a route that answers in pages. */
export async function askPages(client: Client, route: string): Promise<readonly FigureRow[]> {
  const entries: FigureRow[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const query = new URLSearchParams({ limit: String(PAGE_ENTRIES), ...(cursor && { cursor }) })
    const page: { items: FigureRow[]; next_cursor: string | null } = await patiently(
      client,
      `${route}?${query}`,
    )
    entries.push(...page.items)
    cursor = page.next_cursor
  }
  return entries
}

/**
 * As client.json, but a 429 or 503 is asked again when the server says, for a minute unless told otherwise. `taken` are
 * further statuses whose body is an answer; `onWait` hears why it waits.
 */
export async function patiently<T>(
  client: Client,
  route: string,
  init?: RequestInit,
  {
    patience_ms = PATIENCE_MS,
    taken = [],
    onWait,
  }: {
    patience_ms?: number
    taken?: readonly number[]
    onWait?: ((why: string) => void) | undefined
  } = {},
): Promise<T> {
  const deadline = performance.now() + patience_ms
  for (;;) {
    const response = await client.fetch(route, init)
    const text = await response.text()
    if (response.ok || taken.includes(response.status)) return JSON.parse(text) as T
    const isBusy = response.status === 429 || response.status === 503
    if (!isBusy || performance.now() > deadline) throw client.refusal(response.status, text)
    onWait?.(client.refusal(response.status, text).message)
    await sleep(Number(response.headers.get('retry-after') ?? 1) * 1000)
  }
}

function rowsOf({ columns, rows }: Answer): FigureRow[] {
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])),
  )
}
