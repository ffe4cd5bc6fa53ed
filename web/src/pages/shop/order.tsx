import { formatCount, formatMoment, formatMoney, formatWord } from '../../data/format.ts'
import { useSession } from '../../data/session.tsx'
import { useThing } from '../../data/thing.ts'
import { Page } from '../../frame/page.tsx'
import { PageLink, pathOf } from '../../frame/page-link.tsx'
import { ParentLink } from '../../frame/parent-link.tsx'
import type { Money } from '../../live/live.ts'
import { useFirstFew } from '../../parts/first-few.tsx'
import { StatusChip } from '../../parts/status-chip.tsx'
import { Facts } from './facts.tsx'
import type { OrderDocument, OrderItem, TimelineEntry } from './order-types.ts'
import { ThingStates } from './thing-states.tsx'

const FEW_ITEMS = 20

/** One order: what is in it, what was paid, and what happened to it. */
export function Order() {
  const order = useThing<OrderDocument>('orders')
  return (
    <Page
      title={order.id}
      parent={<ParentLink to="/orders">Orders</ParentLink>}
      aside={order.data && <StatusChip status={order.data.status} />}
    >
      {order.data ? (
        <Content order={order.data} />
      ) : (
        <ThingStates
          noun="order"
          id={order.id}
          error={order.error}
          onRetry={() => void order.refetch()}
        />
      )}
    </Page>
  )
}

function Content({ order }: { readonly order: OrderDocument }) {
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <Items order={order} />
        <Timeline entries={order.timeline} />
      </div>
      <About order={order} />
    </div>
  )
}

function Items({ order }: { readonly order: OrderDocument }) {
  const { items, currency } = order
  const { shown, more } = useFirstFew(items, FEW_ITEMS)
  const money = (amount: Money | undefined) =>
    amount === undefined ? '–' : formatMoney(Number(amount), currency)
  const sums = [
    ['Discount', order.discount_amount],
    ['Shipping', order.shipping_amount],
    ['Tax', order.tax_amount],
    ['Total', order.total_amount],
    ['Paid', order.paid_amount],
    ['Given back', order.refunded_amount],
  ] as const
  return (
    <section className="card p-4 sm:p-5" aria-labelledby="items">
      <h2 id="items" className="mb-2 font-semibold">
        Items
      </h2>
      <ul className="divide-y divide-line text-sm">
        {shown.map((item, place) => (
          <ItemRow key={lineKey(item, place)} item={item} currency={currency} />
        ))}
        {items.length === 0 && <li className="py-2 text-soft">Not known yet.</li>}
      </ul>
      {more}
      <dl className="mt-3 grid gap-1 border-t border-line pt-3 text-sm">
        {sums
          .filter(([word, amount]) => Number(amount ?? 0) !== 0 || word === 'Total')
          .map(([word, amount]) => (
            <div
              key={word}
              className={`flex justify-between ${word === 'Total' ? 'font-semibold' : 'text-soft'}`}
            >
              <dt>{word}</dt>
              <dd className="tabular-nums">{money(amount)}</dd>
            </div>
          ))}
      </dl>
      {order.amount_mismatch && (
        <p className="mt-3 text-sm text-warn">The items and the total do not agree.</p>
      )}
    </section>
  )
}

function lineKey({ product_id }: OrderItem, place: number): string {
  return `${place} ${product_id}`
}

function ItemRow({ item, currency }: { readonly item: OrderItem; readonly currency: string }) {
  const { product_id, name, variant, quantity, price } = item
  return (
    <li className="flex items-baseline gap-3 py-2">
      <span className="min-w-9 shrink-0 text-soft tabular-nums whitespace-nowrap">
        {formatCount(quantity)} ×
      </span>
      <PageLink
        to={pathOf('products', product_id)}
        className="link block min-w-0 flex-1 truncate leading-6 max-sm:leading-[2.75rem]"
      >
        {name ?? product_id}
        {variant && <span className="text-soft"> {variant}</span>}
      </PageLink>
      <span className="tabular-nums">
        {price === undefined ? '–' : formatMoney(Number(price) * quantity, currency)}
      </span>
    </li>
  )
}

function Timeline({ entries }: { readonly entries: readonly TimelineEntry[] }) {
  const { server } = useSession()
  return (
    <section className="card p-4 sm:p-5" aria-labelledby="timeline">
      <h2 id="timeline" className="mb-3 font-semibold">
        What happened
      </h2>
      <ol className="timeline">
        {entries.map(({ event_id, event_type, occurred_at, source }) => (
          <li key={event_id}>
            <p className="text-sm font-medium">{formatWord(event_type)}</p>
            <p className="text-xs text-soft">
              <time dateTime={occurred_at}>{formatMoment(occurred_at, server.shop.time_zone)}</time>
              , from {source}
            </p>
            <p className="truncate font-mono text-xs text-soft" title={event_id}>
              {event_id}
            </p>
          </li>
        ))}
      </ol>
    </section>
  )
}

function About({ order }: { readonly order: OrderDocument }) {
  const { server } = useSession()
  const { customer_id, shipping_address: address } = order
  const isErased = customer_id?.startsWith('erased:')
  return (
    <Facts
      title="About"
      rows={[
        ['Placed', order.created_at && formatMoment(order.created_at, server.shop.time_zone)],
        [
          'Customer',
          customer_id &&
            (isErased ? (
              'erased'
            ) : (
              <PageLink to={pathOf('customers', customer_id)} className="link">
                {customer_id}
              </PageLink>
            )),
        ],
        ['Ships to', [address?.name, address?.city, address?.country].filter(Boolean).join(', ')],
        ['Payment', order.payment_method && formatWord(order.payment_method)],
        ['Coupon', order.coupon],
      ]}
    />
  )
}
