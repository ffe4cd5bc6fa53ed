import { formatMoney } from '../schema/money.ts'
import type { Truth } from '../simulator/truth.ts'
import {
  createFigureBook,
  type Figure,
  type FigureBook,
  type FigureRow,
  rowsBy,
  sumMoney,
  unitsOf,
} from './figure.ts'

/** Everything of four tables of the store, as the read API gives it. */
export interface StoreState {
  readonly orders: readonly FigureRow[]
  readonly customers: readonly FigureRow[]
  readonly products: readonly FigureRow[]
  readonly inventory: readonly FigureRow[]
}

const STATUSES = ['created', 'paid', 'shipped', 'delivered', 'cancelled', 'refunded']

/** What the store holds after a simulated shop and nothing else, against what happened in it. */
export function storeFigures(truth: Truth, state: StoreState): readonly Figure[] {
  const book = createFigureBook()
  addOrders(book, truth, state.orders)
  addCustomers(book, truth, state.customers)
  addProducts(book, truth, state)
  return book.figures
}

function addOrders(book: FigureBook, truth: Truth, orders: readonly FigureRow[]): void {
  const { totals } = truth
  book.add('orders', 'orders', 'count', totals.orders, orders.length)
  for (const status of STATUSES) {
    const ours = orders.filter((order) => statusOf(order) === status).length
    book.add('orders', status, 'count', truth.orders_by_status[status] ?? 0, ours)
  }
  const total = totals.gross_sales - totals.discounts + totals.shipping + totals.taxes
  book.add('orders', 'total_amount', 'money', total, sumMoney(orders, 'total_amount'))
  const reversals = orders.reduce((sum, order) => sum + reversalOf(order), 0n)
  const text = formatMoney(reversals)
  book.add('orders', 'sales_reversals', 'money', totals.sales_reversals, text)
}

/** The simulated shop keeps shipping and taxes of what comes back: in its own books that is refunded all the same. */
function statusOf(order: FigureRow): string {
  return order.status === 'partially_refunded' ? 'refunded' : String(order.status)
}

/** What was refunded, or what a cancelled order's goods were worth. */
function reversalOf(order: FigureRow): bigint {
  if (order.status !== 'cancelled') return amountOf(order.refunded_amount)
  const lines = (order.items ?? []) as readonly FigureRow[]
  const value = lines.reduce(
    (sum, line) =>
      sum + amountOf(line.price) * BigInt(Number(line.quantity)) - amountOf(line.discount),
    0n,
  )
  return value - amountOf(order.discount_amount)
}

function amountOf(value: unknown): bigint {
  return value === undefined || value === null ? 0n : (unitsOf(value) ?? 0n)
}

function addCustomers(book: FigureBook, truth: Truth, customers: readonly FigureRow[]): void {
  const orders = customers.map((one) => Number(one.orders) + Number(one.cancelled_orders))
  const withAtLeast = (least: number) => orders.filter((count) => count >= least).length
  book.add('customers', 'with an order', 'count', truth.customers, withAtLeast(1))
  book.add('customers', 'with two or more', 'count', truth.repeat_customers, withAtLeast(2))
}

function addProducts(book: FigureBook, truth: Truth, state: StoreState): void {
  const told = Object.entries(truth.products).map(([id, product]) => {
    const kept = product.gross_sales - product.discounts
    const columns = {
      views: product.views,
      carts: product.cart_adds,
      orders: product.orders - product.cancelled_orders,
      units_sold: product.units - product.cancelled_units,
      revenue: kept - (product.cancelled_sales - product.cancelled_discounts),
      units_returned: product.units_returned,
      rating_count: product.reviews,
      rating_sum: product.rating_sum,
    }
    return [id, columns] as const
  })
  const kinds = {
    views: 'count',
    carts: 'count',
    orders: 'count',
    units_sold: 'count',
    revenue: 'money',
    units_returned: 'count',
    rating_count: 'count',
    rating_sum: 'count',
  } as const
  book.table('products', kinds, new Map(told), rowsBy(state.products, 'product_id'))
  const levels = Object.entries(truth.products).map(
    ([id, { on_hand }]) => [id, { level: on_hand }] as const,
  )
  const stock = rowsBy(state.inventory, 'product_id')
  book.table('stock', { level: 'count' }, new Map(levels), stock)
}
