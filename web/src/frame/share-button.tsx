import { Check, Link as LinkIcon } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useView } from '../data/view.ts'

const DONE_MS = 2000

/** Copies an address that shows the same days tomorrow, whatever preset they came from. */
export function ShareButton() {
  const view = useView()
  const [isDone, setDone] = useState(false)
  useEffect(() => {
    if (!isDone) return
    const timer = window.setTimeout(() => setDone(false), DONE_MS)
    return () => window.clearTimeout(timer)
  }, [isDone])
  // Without https the browser gives no clipboard; the address bar holds the view as ever.
  if (!('clipboard' in navigator)) return null
  const copy = () => navigator.clipboard.writeText(fixedAddress(view)).then(() => setDone(true))
  const Icon = isDone ? Check : LinkIcon
  return (
    <button
      type="button"
      onClick={copy}
      className="button px-2.5"
      title="Copy a link to this view"
      aria-label={isDone ? 'Link copied' : 'Copy a link to this view'}
    >
      <Icon aria-hidden="true" size={16} className={isDone ? 'text-good' : 'text-soft'} />
      <span role="status" className="sr-only">
        {isDone ? 'Link copied' : ''}
      </span>
    </button>
  )
}

function fixedAddress({ from, to }: { readonly from: string; readonly to: string }): string {
  const address = new URL(location.href)
  address.searchParams.delete('period')
  address.searchParams.set('from', from)
  address.searchParams.set('to', to)
  return address.href
}
