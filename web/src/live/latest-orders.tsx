import { formatAgo, formatCount, formatCountry, formatMoment, formatMoney } from '../data/format.ts'
import { useSession } from '../data/session.tsx'
import { PageLink, pathOf } from '../frame/page-link.tsx'
import { StatusChip } from '../parts/status-chip.tsx'

export interface Order {
  readonly order_id: string
  readonly status: string
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
  /** Milliseconds, by the server's clock. */
  readonly now: number
}

/** An order that came within this time is shown to have just come. */
const FRESH_MS = 8000

/** The newest orders, as a list that reads the same on a phone. Everything in it came from outside and is text. */
export function LatestOrders({ orders, currency, now }: LatestOrdersProps) {
  return (
    <section className="card min-w-0" aria-labelledby="latest-orders">
      <h2 id="latest-orders" className="px-4 pt-4 pb-2 font-semibold sm:px-5 sm:pt-5">
        Latest orders
      </h2>
      {orders?.length === 0 && <p className="px-4 pb-4 text-sm text-soft sm:px-5">No order yet.</p>}
      <ul className="divide-y divide-line" aria-busy={orders === undefined}>
        {orders?.map((order) => (
          <OrderRow key={order.order_id} order={order} currency={currency} now={now} />
        ))}
      </ul>
    </section>
  )
}

interface OrderRowProps {
  readonly order: Order
  readonly currency: string
  readonly now: number
}

function OrderRow({ order, currency, now }: OrderRowProps) {
  const { server } = useSession()
  const at = order.created_at === undefined ? undefined : Date.parse(order.created_at)
  const isFresh = at !== undefined && now - at < FRESH_MS
  return (
    <li className={`flex items-start gap-3 px-4 py-2.5 sm:px-5 ${isFresh ? 'arrive' : ''}`}>
      <div className="min-w-0 flex-1">
        <PageLink
          to={pathOf('orders', order.order_id)}
          className="flex min-h-6 items-center text-sm font-medium hover:underline max-sm:min-h-11"
        >
          <span className="line-clamp-2 sm:line-clamp-1">{titleOf(order)}</span>
        </PageLink>
        <p className="mt-0.5 truncate text-xs text-soft">
          {at !== undefined && (
            <time
              dateTime={order.created_at}
              title={formatMoment(order.created_at!, server.shop.time_zone)}
            >
              {formatAgo(at, now)}
            </time>
          )}
          {order.country && ` · ${formatCountry(order.country)}`}
          {` · ${order.order_id}`}
        </p>
      </div>
      <div className="flex shrink-0 flex-col items-end gap-0.5">
        <span className="text-sm font-semibold tabular-nums">
          {order.total_amount === undefined
            ? '–'
            : formatMoney(Number(order.total_amount), order.currency || currency)}
        </span>
        <StatusChip status={order.status} />
      </div>
    </li>
  )
}

function titleOf(order: Order): string {
  const [first] = order.items
  if (!first) return 'Items not known yet'
  const others = order.items.length - 1
  const name = first.name ?? first.product_id
  const times = first.quantity > 1 ? `${formatCount(first.quantity)} × ` : ''
  return others > 0 ? `${times}${name} and ${formatCount(others)} more` : `${times}${name}`
}
