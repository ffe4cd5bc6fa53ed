import { useLocation } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState } from 'react'
import { useSession } from '../data/session.tsx'
import { useLive } from '../live/live-context.tsx'
import { EmptyShop } from '../parts/empty-shop.tsx'
import { useHasEvents } from '../parts/ledger.tsx'
import { PAGES } from './pages.ts'

/** Until the first event has come, the pages of the shop show how to send it; then they turn. */
export function FirstEvent({ children }: { readonly children: ReactNode }) {
  const { server } = useSession()
  const { pathname } = useLocation()
  const { isEmpty, wasEmpty } = useEmptiness()
  const isShop = PAGES.some(({ path, group }) => path === pathname && group === 'Shop')
  if (isEmpty && isShop) {
    return (
      <div className="mx-auto max-w-2xl pt-10">
        <EmptyShop writeKey={server.mode === 'dev' ? 'sk_dev' : 'YOUR_SERVER_KEY'} />
      </div>
    )
  }
  return (
    <>
      {wasEmpty && !isEmpty && (
        <output className="chip chip-good mt-4 flex justify-center rounded-xl px-4 py-3 text-sm">
          ✓ Your first event arrived
        </output>
      )}
      {children}
    </>
  )
}

/** Whether no event has ever come, and whether that was so when the console was opened. A quiet hour is not an empty shop. */
function useEmptiness() {
  const { value: live } = useLive()
  const isQuiet = live !== undefined && live.latest_orders.length === 0 && live.minutes.length === 0
  const hasEvents = useHasEvents(isQuiet)
  const isEmpty = isQuiet && hasEvents === false
  const [wasEmpty, setWasEmpty] = useState(false)
  useEffect(() => {
    if (isEmpty) setWasEmpty(true)
  }, [isEmpty])
  return { isEmpty, wasEmpty }
}
