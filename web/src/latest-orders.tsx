import { useEffect, useState } from 'react'
import { formatAgo, formatCount, formatMoney } from './format.ts'

export interface Order {
  readonly order_id: string
  readonly status: string
  readonly customer_id?: string
  readonly items: readonly {
    readonly quantity: number
    readonly name?: string
    readonly product_id: string
  }[]
  readonly total_amount?: number | string
  readonly currency: string
  readonly country?: string
  readonly created_at?: string
}

interface LatestOrdersProps {
  readonly orders: readonly Order[] | undefined
  readonly currency: string
}

/** The newest orders, as a list that reads the same on a phone. Everything in it came from outside and is text. */
export function LatestOrders({ orders, currency }: LatestOrdersProps) {
  const now = useNow()
  return (
    <section className="rounded-xl border border-line bg-surface" aria-labelledby="latest-orders">
      <h2 id="latest-orders" className="p-4 pb-2 font-semibold">
        Latest orders
      </h2>
      {orders?.length === 0 && <p className="px-4 pb-4 text-sm text-soft">No order yet.</p>}
      <ul className="divide-y divide-line">
        {orders?.map((order) => (
          <li key={order.order_id} className="flex items-baseline gap-3 px-4 py-2.5">
            <div className="min-w-0 flex-1">
              <p className="truncate text-sm font-medium">{titleOf(order)}</p>
              <p className="truncate text-xs text-soft">
                {[
                  order.order_id,
                  order.country,
                  order.created_at && formatAgo(Date.parse(order.created_at), now),
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </p>
            </div>
            <span className="rounded-full border border-line px-2 py-0.5 text-xs text-soft">
              {order.status.replace('_', ' ')}
            </span>
            <span className="w-20 text-right text-sm font-semibold tabular-nums">
              {order.total_amount === undefined
                ? '–'
                : formatMoney(Number(order.total_amount), order.currency || currency)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function titleOf(order: Order): string {
  const [first] = order.items
  if (!first) return 'Items not known yet'
  const others = order.items.length - 1
  const name = first.name ?? first.product_id
  return others > 0 ? `${name} and ${formatCount(others)} more` : name
}

/** The time, told again every ten seconds, so that "3 min ago" stays true. */
function useNow(): number {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 10_000)
    return () => window.clearInterval(timer)
  }, [])
  return now
}
