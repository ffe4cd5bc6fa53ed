import { Check, Link as LinkIcon, X } from 'lucide-react'
import { useView } from '../data/view.ts'
import { useCopy } from '../parts/use-copy.ts'

const LOOKS = {
  idle: { Icon: LinkIcon, color: 'text-soft', said: '' },
  done: { Icon: Check, color: 'text-good', said: 'Link copied' },
  refused: { Icon: X, color: 'text-bad', said: 'The browser refused: copy the address bar' },
} as const

/** Copies an address that shows the same days tomorrow, whatever preset they came from. The address bar holds the view as ever. */
export function ShareButton() {
  const view = useView()
  const { state, copy } = useCopy()
  if (!copy) return null
  const { Icon, color, said } = LOOKS[state]
  return (
    <button
      type="button"
      onClick={() => copy(fixedAddress(view))}
      className="button px-2.5"
      title={said || 'Copy a link to this view'}
      aria-label={said || 'Copy a link to this view'}
    >
      <Icon aria-hidden="true" size={16} className={color} />
      <span role="status" className="sr-only">
        {said}
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
