import { useLocation } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { DEV_KEY } from '../data/api.ts'
import { useSession } from '../data/session.tsx'
import { PageLink } from './page-link.tsx'
import { PAGES, type PageEntry } from './pages.ts'
import { ThemeButton } from './theme-button.tsx'

/** At a desk: every page, in its two groups, with the shop's name above. */
export function Sidebar({ onSearch }: { readonly onSearch: () => void }) {
  const { server, api } = useSession()
  return (
    <header className="fixed inset-y-0 left-0 z-20 hidden w-56 flex-col border-r border-line bg-surface lg:flex">
      <PageLink to="/" className="flex items-center gap-2.5 px-5 pt-5 pb-4">
        <img src="/icon.svg" alt="" width={26} height={26} />
        <span className="truncate font-semibold">{server.shop.name}</span>
      </PageLink>
      <div className="px-3 pb-3">
        <button
          type="button"
          onClick={onSearch}
          className="flex h-8 w-full items-center gap-2 rounded-lg border border-line px-2.5 text-sm text-soft hover:border-soft"
        >
          <Search aria-hidden="true" size={14} />
          Go to …<kbd className="ml-auto text-xs">⌘K</kbd>
        </button>
      </div>
      <nav aria-label="Pages" className="flex-1 overflow-y-auto px-3">
        <Group title="Shop" />
        <Group title="Pipeline" />
      </nav>
      <div className="flex items-center gap-1 border-t border-line px-3 py-2 text-xs text-soft">
        <span className="flex-1 truncate px-2">
          v{server.version}
          {api.key === DEV_KEY && ' · dev'}
        </span>
        <a href="/docs" className="rounded px-2 py-1.5 hover:text-ink">
          API
        </a>
        <ThemeButton />
      </div>
    </header>
  )
}

function Group({ title }: { readonly title: PageEntry['group'] }) {
  const { pathname } = useLocation()
  const id = `nav-${title}`
  return (
    <div className="mb-4">
      <p id={id} className="px-2 pb-1 text-xs font-medium text-soft">
        {title}
      </p>
      <ul aria-labelledby={id}>
        {PAGES.filter(({ group }) => group === title).map(({ path, label, icon: Icon, within }) => (
          <li key={path}>
            <PageLink
              to={path}
              className="nav-link"
              within={within?.some((one) => pathname.startsWith(one)) ?? false}
            >
              <Icon aria-hidden="true" size={16} strokeWidth={1.75} className="shrink-0" />
              {label}
            </PageLink>
          </li>
        ))}
      </ul>
    </div>
  )
}
