import { useInfiniteQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { saveText } from '../../chart/save.ts'
import { messageOf } from '../../data/api.ts'
import {
  formatCount,
  formatCountry,
  formatDayShort,
  formatMoment,
  formatMoney,
  formatMoneyRound,
} from '../../data/format.ts'
import { dayIn } from '../../data/period.ts'
import { useSession } from '../../data/session.tsx'
import { useThing } from '../../data/thing.ts'
import { Page } from '../../frame/page.tsx'
import { PageLink, pathOf } from '../../frame/page-link.tsx'
import { ParentLink } from '../../frame/parent-link.tsx'
import type { Money } from '../../live/live.ts'
import { useFirstFew } from '../../parts/first-few.tsx'
import { Notice } from '../../parts/notice.tsx'
import { StatusChip } from '../../parts/status-chip.tsx'
import { readAllOrders, readOrders } from './customer-orders.ts'
import type { CustomerDocument } from './customer-types.ts'
import { EraseCustomer } from './erase-customer.tsx'
import { Facts } from './facts.tsx'
import type { OrderDocument } from './order-types.ts'
import { ThingStates } from './thing-states.tsx'

const FEW_ORDERS = 15
const NO_ORDERS: readonly OrderDocument[] = []

/** One customer: what they bought, what is known of them, and what the law gives them: a copy, and to be forgotten. */
export function Customer() {
  const customer = useThing<CustomerDocument>('customers')
  return (
    <Page
      title={customer.data?.name ?? customer.id}
      parent={<ParentLink to="/customers">Customers</ParentLink>}
    >
      {customer.data ? (
        <Content customer={customer.data} />
      ) : (
        <ThingStates
          noun="customer"
          id={customer.id}
          error={customer.error}
          onRetry={() => void customer.refetch()}
        />
      )}
    </Page>
  )
}

function Content({ customer }: { readonly customer: CustomerDocument }) {
  const { server } = useSession()
  const money = (amount: Money | undefined) =>
    amount === undefined ? '–' : formatMoneyRound(Number(amount), server.shop.currency)
  const tiles = [
    ['Spent', money(customer.spend)],
    ['Orders', formatCount(customer.orders ?? 0)],
    ['Average order value', money(customer.average_order_value)],
    ['Given back', money(customer.refunded_value)],
  ] as const
  return (
    <>
      <dl className="tiles">
        {tiles.map(([name, text]) => (
          <div key={name} className="bg-surface p-4 lg:px-5">
            <dt className="text-[0.8125rem] text-soft">{name}</dt>
            <dd className="text-2xl font-semibold tracking-tight tabular-nums">{text}</dd>
          </div>
        ))}
      </dl>
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Orders id={customer.customer_id} />
        <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
          <About customer={customer} />
          <Rights id={customer.customer_id} customer={customer} />
        </div>
      </div>
    </>
  )
}

function Orders({ id }: { readonly id: string }) {
  const { api } = useSession()
  const orders = useInfiniteQuery({
    queryKey: ['orders of', id],
    queryFn: ({ signal, pageParam }) => readOrders(api, id, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor,
  })
  const items = orders.data?.pages.flatMap((page) => page.items) ?? NO_ORDERS
  const { shown, more } = useFirstFew(items, FEW_ORDERS, orders.hasNextPage)
  return (
    <section className="card p-4 sm:p-5" aria-labelledby="orders">
      <h2 id="orders" className="mb-2 font-semibold">
        Orders
      </h2>
      {orders.isError && (
        <Notice
          title="They cannot be read"
          error={orders.error}
          onRetry={() => void orders.refetch()}
        />
      )}
      <ul className="divide-y divide-line text-sm" aria-busy={orders.isPending}>
        {shown.map((order) => (
          <OrderRow key={order.order_id} order={order} />
        ))}
        {orders.data && items.length === 0 && !orders.hasNextPage && (
          <li className="py-2 text-soft">No order yet.</li>
        )}
      </ul>
      {more}
      {!more && orders.hasNextPage && (
        <button
          type="button"
          className="button mt-3"
          disabled={orders.isFetchingNextPage}
          onClick={() => void orders.fetchNextPage()}
        >
          Show more
        </button>
      )}
    </section>
  )
}

function OrderRow({ order }: { readonly order: OrderDocument }) {
  const { server } = useSession()
  return (
    <li className="flex items-center gap-3 py-2 max-sm:py-1">
      <div className="min-w-0 flex-1">
        <PageLink
          to={pathOf('orders', order.order_id)}
          className="link block truncate leading-6 max-sm:leading-[2.75rem]"
        >
          {order.order_id}
        </PageLink>
        {order.created_at && (
          <p className="-mt-2 pb-1 text-xs text-soft sm:hidden">
            {formatDayShort(dayIn(server.shop.time_zone, Date.parse(order.created_at)))}
          </p>
        )}
      </div>
      <span className="text-soft max-sm:hidden">
        {order.created_at && formatMoment(order.created_at, server.shop.time_zone)}
      </span>
      <StatusChip status={order.status} />
      <span className="w-24 text-right tabular-nums max-sm:w-auto">
        {order.total_amount === undefined
          ? '–'
          : formatMoney(Number(order.total_amount), order.currency)}
      </span>
    </li>
  )
}

function About({ customer }: { readonly customer: CustomerDocument }) {
  const { server } = useSession()
  const moment = (at: string | undefined) => at && formatMoment(at, server.shop.time_zone)
  const place = [customer.city, customer.country && formatCountry(customer.country)]
  return (
    <Facts
      title="About"
      rows={[
        ['Id', customer.customer_id],
        ['Lives in', place.filter(Boolean).join(', ')],
        ['Segment', customer.segment],
        ['First order', moment(customer.first_order_at)],
        ['Last order', moment(customer.last_order_at)],
        ['Last seen', moment(customer.last_seen_at)],
        ['Browsers', customer.anonymous_ids?.length],
        [
          'May be written to',
          customer.marketing_consent === undefined
            ? undefined
            : customer.marketing_consent
              ? 'yes'
              : 'no',
        ],
      ]}
    />
  )
}

interface RightsProps {
  readonly id: string
  readonly customer: CustomerDocument
}

function Rights({ id, customer }: RightsProps) {
  const { api } = useSession()
  const [failure, setFailure] = useState<string>()
  const save = async () => {
    try {
      const all = { customer, orders: await readAllOrders(api, id) }
      saveText(JSON.stringify(all, null, 2), `customer ${id}.json`, 'application/json')
      setFailure(undefined)
    } catch (error) {
      setFailure(messageOf(error))
    }
  }
  return (
    <section className="card p-4 sm:p-5" aria-labelledby="rights">
      <h2 id="rights" className="mb-1 font-semibold">
        Their data
      </h2>
      <p className="mb-3 text-sm text-soft">
        A copy of what is kept, or the end of it. Orders and sums stay without the person.
      </p>
      <div className="flex flex-wrap gap-2">
        <button type="button" className="button gap-2" onClick={() => void save()}>
          <Download aria-hidden="true" size={15} className="text-soft" />
          Export as JSON
        </button>
        <EraseCustomer id={id} />
      </div>
      {failure && (
        <p role="alert" className="mt-2 text-sm text-bad">
          {failure}
        </p>
      )}
    </section>
  )
}
