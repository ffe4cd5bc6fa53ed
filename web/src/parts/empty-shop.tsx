import { useState } from 'react'
import { COPY_WORDS, useCopy } from './use-copy.ts'

/** Shown until the first event: why it is empty, and what to type. A server's key: what curl sends with a browser's counts as a bot. */
export function EmptyShop({ writeKey }: { readonly writeKey: string }) {
  const { state, copy } = useCopy()
  const [command] = useState(() => commandOf(writeKey))
  return (
    <section className="card min-w-0 p-4 sm:p-5" aria-labelledby="empty">
      <h1 id="empty" className="flex items-center gap-2 text-lg font-semibold">
        <span
          aria-hidden="true"
          className="swatch size-2.5 rounded-full bg-warn motion-safe:animate-pulse"
        />
        Waiting for your first event
      </h1>
      <p className="mt-1 text-sm text-soft">
        Nothing has been received yet. Send an order; this page turns within a second.
      </p>
      <pre className="mt-3 rounded-lg bg-ground p-3 font-mono text-xs leading-5 whitespace-pre-wrap [overflow-wrap:anywhere]">
        {command}
      </pre>
      {copy && (
        <button type="button" onClick={() => copy(command)} className="button mt-3">
          {COPY_WORDS[state]}
        </button>
      )}
    </section>
  )
}

function commandOf(writeKey: string): string {
  const order = {
    event_type: 'order_created',
    timestamp: new Date().toISOString(),
    order_id: 'my-first-order',
    customer_id: 'me',
    items: [{ product_id: 'p-1', name: 'A first thing', quantity: 2, price: 29.99 }],
    total_amount: 59.98,
  }
  const fields = Object.entries(order).map(([name, value]) => `"${name}":${JSON.stringify(value)}`)
  return [
    `curl ${location.origin}/v1/events \\`,
    `  -H 'x-api-key: ${writeKey}' \\`,
    "  -H 'content-type: application/json' \\",
    `  -d '{${fields.join(',\n       ')}}'`,
  ].join('\n')
}
