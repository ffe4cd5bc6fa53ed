import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router'
import { readViewSearch } from '../data/view.ts'
import { PAGE_SEARCH, textsIn } from './page-search.ts'
import { FrameError, PageError, PageMissing, PagePending } from './page-states.tsx'
import { Shell } from './shell.tsx'

const root = createRootRoute({
  component: Shell,
  validateSearch: readViewSearch,
  notFoundComponent: PageMissing,
  errorComponent: FrameError,
})

/** A page in a chunk of its own. Its own search parameters are read by `search`, from plain texts. */
function page<Path extends string, Name extends string, Search extends object = object>(
  path: Path,
  load: () => Promise<{ readonly [N in Name]: () => React.ReactNode }>,
  name: Name,
  search: (raw: { readonly [name: string]: unknown }) => Search = () => ({}) as Search,
) {
  return createRoute({
    getParentRoute: () => root,
    path,
    validateSearch: search,
    component: lazyRouteComponent(load as never, name),
    pendingComponent: PagePending,
    errorComponent: PageError,
  })
}

function texts<const Name extends string>(names: readonly Name[]) {
  return (raw: { readonly [name: string]: unknown }) => textsIn(raw, names)
}

const routeTree = root.addChildren([
  page('/', () => import('../pages/shop/home.tsx'), 'Home'),
  page('/live', () => import('../pages/shop/live.tsx'), 'Live'),
  page('/sales', () => import('../pages/shop/sales.tsx'), 'Sales'),
  page('/orders', () => import('../pages/shop/orders.tsx'), 'Orders', texts(PAGE_SEARCH.orders)),
  page('/orders/$id', () => import('../pages/shop/order.tsx'), 'Order'),
  page('/funnel', () => import('../pages/shop/funnel.tsx'), 'FunnelPage'),
  page('/products', () => import('../pages/shop/products.tsx'), 'Products'),
  page('/products/$id', () => import('../pages/shop/product.tsx'), 'Product'),
  page('/customers', () => import('../pages/shop/customers.tsx'), 'Customers'),
  page('/customers/$id', () => import('../pages/shop/customer.tsx'), 'Customer'),
  page('/acquisition', () => import('../pages/shop/acquisition.tsx'), 'Acquisition'),
  page('/search', () => import('../pages/shop/search.tsx'), 'SearchAndReviews'),
  page('/inventory', () => import('../pages/shop/inventory.tsx'), 'Inventory'),
  page(
    '/events',
    () => import('../pages/pipeline/events.tsx'),
    'Events',
    texts(PAGE_SEARCH.events),
  ),
  page(
    '/events/$id',
    () => import('../pages/pipeline/event.tsx'),
    'Event',
    texts(PAGE_SEARCH.event),
  ),
  page(
    '/quality',
    () => import('../pages/pipeline/quality.tsx'),
    'Quality',
    texts(PAGE_SEARCH.quality),
  ),
  page(
    '/quality/dead-letters/$id',
    () => import('../pages/pipeline/dead-letter.tsx'),
    'DeadLetter',
  ),
  page('/quality/fix', () => import('../pages/pipeline/fix.tsx'), 'Fix', texts(PAGE_SEARCH.fix)),
  page('/pipeline', () => import('../pages/pipeline/pipeline.tsx'), 'Pipeline'),
  page(
    '/settings',
    () => import('../pages/pipeline/settings.tsx'),
    'Settings',
    texts(PAGE_SEARCH.settings),
  ),
  page(
    '/explore',
    () => import('../pages/pipeline/explore.tsx'),
    'Explore',
    texts(PAGE_SEARCH.explore),
  ),
  page('/reports', () => import('../pages/reports.tsx'), 'Reports'),
  page('/reports/$name', () => import('../pages/report.tsx'), 'Report', everyText),
])

/** A report has whatever parameters its file declares. */
function everyText(raw: { readonly [name: string]: unknown }): { readonly [name: string]: string } {
  return Object.fromEntries(
    Object.entries(raw).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** Made once the page starts; the address bar is its only state. */
export function createConsoleRouter() {
  return createRouter({
    routeTree,
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch,
    defaultPreload: 'intent',
    scrollRestoration: true,
  })
}

/** Plain texts, so that an address can be read and typed. */
function stringifySearch(search: { readonly [name: string]: unknown }): string {
  const entries = Object.entries(search).filter((entry) => typeof entry[1] === 'string')
  const text = new URLSearchParams(entries as [string, string][]).toString()
  return text === '' ? '' : `?${text}`
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>
  }
}
