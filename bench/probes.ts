import { setTimeout as sleep } from 'node:timers/promises'
import { post, type Target } from './load.ts'
import { ask } from './server.ts'

const POLL_MS = 20

/** Milliseconds from the answer to one more event until SQL has it, and until its visit stands in the store. */
export interface Visibility {
  readonly sql: number
  readonly live: number
}

/** Sends a probe every `every_ms` until `signal` aborts, one after another. Never fewer than one. */
export async function probe(
  target: Target,
  name: string,
  every_ms: number,
  signal: AbortSignal,
): Promise<Visibility[]> {
  const found: Visibility[] = []
  do {
    found.push(await visibility(target, `probe-${name}-${process.pid}-${found.length}`))
    await sleep(every_ms)
  } while (!signal.aborted)
  return found
}

async function visibility(target: Target, id: string): Promise<Visibility> {
  const event = {
    event_id: id,
    event_type: 'page_view',
    timestamp: new Date().toISOString(),
    session_id: id,
    page_url: '/',
  }
  await post(target, Buffer.from(JSON.stringify(event)), 'application/json')
  const started = performance.now()
  const sql = `select count(*) from page_view where event_id = '${id}'`
  const inSql = async () => {
    const answer = await ask<{ rows?: unknown[][] }>(target, '/v1/sql', { sql })
    return Number(answer?.rows?.[0]?.[0]) === 1
  }
  const inStore = async () => (await ask(target, `/v1/sessions/${id}`)) !== undefined
  const [bySql, byStore] = await Promise.all([until(inSql, started), until(inStore, started)])
  return { sql: bySql, live: byStore }
}

async function until(isThere: () => Promise<boolean>, started: number): Promise<number> {
  while (!(await isThere())) await sleep(POLL_MS)
  return performance.now() - started
}

/** Starts eight queries that end only when they are stopped: two run, the rest wait. Returns what stops them. */
export async function runForever(target: Target): Promise<() => Promise<void>> {
  const sql = 'select sum(a.range * b.range) from range(10000000) a, range(10000000) b'
  const begun = await Promise.all(
    Array.from({ length: 8 }, () => ask<{ query_id?: string }>(target, '/v1/sql', { sql })),
  )
  return async () => {
    for (const answer of begun) {
      if (answer?.query_id === undefined) continue
      await fetch(new URL(`/v1/sql/${answer.query_id}`, target.url), {
        method: 'DELETE',
        headers: { 'x-api-key': target.key },
      })
    }
  }
}
