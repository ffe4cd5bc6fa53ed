import type { Result } from '../ports.ts'
import type { Answer, Call } from './call.ts'
import { csvOf } from './csv.ts'

/** Whether the client asks for CSV rather than JSON. */
export function wantsCsv(call: Call): boolean {
  return /(^|[\s,])text\/csv\b/i.test(call.header('accept') ?? '')
}

/** A whole result as CSV, made while it is sent. `x-truncated` says whether the row limit cut it. */
export function csvAnswer(result: Result, fileName: string): Answer {
  const texts = csvOf(result.columns, result.rows)
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = texts.next()
      if (next.done) controller.close()
      else controller.enqueue(encoder.encode(next.value))
    },
  })
  return {
    status: 200,
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="${fileName.replaceAll(/[^\w.-]/g, '_')}"`,
      'x-truncated': String(result.truncated),
    },
    body,
  }
}
