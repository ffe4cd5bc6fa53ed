import { useQuery } from '@tanstack/react-query'
import { MetricTiles } from '../../chart/metric-tiles.tsx'
import { ReportCard } from '../../chart/report-card.tsx'
import { formatCount, formatMoney } from '../../data/format.ts'
import { useSession } from '../../data/session.tsx'
import { useThing } from '../../data/thing.ts'
import { Page } from '../../frame/page.tsx'
import { ParentLink } from '../../frame/parent-link.tsx'
import type { Money } from '../../live/live.ts'
import { Facts } from './facts.tsx'
import { ThingStates } from './thing-states.tsx'

/** GET /v1/products/{id}, as far as its page shows it. */
interface ProductDocument {
  readonly product_id: string
  readonly name?: string
  readonly category?: string
  readonly brand?: string
  readonly price?: Money
  readonly cost?: Money
  readonly currency?: string
  readonly units_returned?: number
}

/** One product: how it sells, what it is bought with, what is said of it, and what is left. */
export function Product() {
  const product = useThing<ProductDocument>('products')
  return (
    <Page
      title={product.data?.name ?? product.id}
      parent={<ParentLink to="/products">Products</ParentLink>}
      days
    >
      {product.data ? (
        <Content product={product.data} />
      ) : (
        <ThingStates
          noun="product"
          id={product.id}
          error={product.error}
          onRetry={() => void product.refetch()}
        />
      )}
    </Page>
  )
}

function Content({ product }: { readonly product: ProductDocument }) {
  const { product_id } = product
  const params = { product_id, category: undefined }
  return (
    <>
      <MetricTiles report="product_overview" params={params} />
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <ReportCard name="product_over_time" title="Units sold" params={params} />
        <About product={product} />
      </div>
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
        <ReportCard
          name="product_affinity"
          title="Bought together with"
          params={{ ...params, limit: 10 }}
          chart={{ kind: 'bar', x: 'product_b', y: ['pair_orders', 'lift'] }}
          compare={false}
          empty="It stands in too few orders with other products in these days."
        />
        <ReportCard
          name="review_list"
          title="Reviews"
          params={params}
          columns={['occurred_at', 'rating', 'review_text']}
          limit={6}
          compare={false}
        />
      </div>
      <ReportCard
        name="order_list"
        title="Orders with it"
        params={{ product_id, limit: 200 }}
        columns={['order_id', 'occurred_at', 'status', 'country', 'net_sales']}
        limit={8}
        compare={false}
      />
    </>
  )
}

/** Less than nothing is left where deltas came without a level ever being told. */
function stockText(level: number, low: boolean): string {
  if (level < 0) return `${formatCount(level)} (never counted)`
  return `${formatCount(level)}${low ? ' (low)' : ''}`
}

interface StockPage {
  readonly items: readonly {
    readonly location: string
    readonly level: number
    readonly low: boolean
  }[]
}

function About({ product }: { readonly product: ProductDocument }) {
  const { server, api } = useSession()
  const stock = useQuery({
    queryKey: ['stock', product.product_id],
    queryFn: ({ signal }) =>
      api.read<StockPage>(`/v1/inventory?product_id=${encodeURIComponent(product.product_id)}`, {
        signal,
      }),
  })
  const money = (amount: Money | undefined) =>
    amount === undefined
      ? undefined
      : formatMoney(Number(amount), product.currency ?? server.shop.currency)
  return (
    <Facts
      title="About"
      rows={[
        ['Id', product.product_id],
        ['Category', product.category],
        ['Brand', product.brand],
        ['Price', money(product.price)],
        ['Cost', money(product.cost)],
        [
          'Returned so far',
          product.units_returned ? formatCount(product.units_returned) : undefined,
        ],
        ...(stock.data?.items ?? []).map(
          ({ location, level, low }) => [`On hand, ${location}`, stockText(level, low)] as const,
        ),
      ]}
    />
  )
}
