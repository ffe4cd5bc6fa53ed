import { useState } from 'react'

/** Shown until the first event: why it is empty, and what to type. */
export function EmptyShop({ writeKey }: { readonly writeKey: string }) {
  const [copied, setCopied] = useState(false)
  const command = [
    `curl ${location.origin}/v1/events \\`,
    `  -H 'x-api-key: ${writeKey}' -H 'content-type: application/json' \\`,
    `  -d '{"event_type":"page_view","timestamp":"${new Date().toISOString()}","session_id":"me","page_url":"/"}'`,
  ].join('\n')
  const copy = () => navigator.clipboard.writeText(command).then(() => setCopied(true))
  return (
    <section className="rounded-xl border border-line bg-surface p-5">
      <h2 className="font-semibold">Waiting for your first event …</h2>
      <p className="mt-1 text-sm text-soft">
        Nothing has been received yet. Send one; this page changes within a second.
      </p>
      <pre className="mt-3 overflow-x-auto rounded-lg bg-ground p-3 text-xs">{command}</pre>
      <button
        type="button"
        onClick={copy}
        className="mt-3 min-h-11 rounded-lg border border-line px-4 text-sm font-medium"
      >
        {copied ? 'Copied' : 'Copy'}
      </button>
    </section>
  )
}
