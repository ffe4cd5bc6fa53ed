import { Ellipsis } from 'lucide-react'
import { useState } from 'react'
import { Sheet } from '../parts/sheet.tsx'
import { PageLink } from './page-link.tsx'
import { PAGES } from './pages.ts'
import { ThemeButton } from './theme-button.tsx'

/** On a phone: four pages and the way to the others, under the thumb. */
export function BottomTabs() {
  const [isOpen, setOpen] = useState(false)
  const close = () => setOpen(false)
  return (
    <nav
      aria-label="Main pages"
      className="fixed inset-x-0 bottom-0 z-20 flex border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] lg:hidden"
    >
      {PAGES.filter(({ tab }) => tab).map(({ path, label, icon: Icon }) => (
        <PageLink key={path} to={path} className="tab-link">
          <Icon aria-hidden="true" size={20} strokeWidth={1.75} />
          {label}
        </PageLink>
      ))}
      <button type="button" className="tab-link" onClick={() => setOpen(true)}>
        <Ellipsis aria-hidden="true" size={20} strokeWidth={1.75} />
        More
      </button>
      <Sheet title="All pages" open={isOpen} onClose={close}>
        <ul className="grid grid-cols-2 gap-2">
          {PAGES.map(({ path, label, icon: Icon }) => (
            <li key={path}>
              <PageLink to={path} className="button w-full gap-2.5" onClick={close}>
                <Icon aria-hidden="true" size={18} strokeWidth={1.75} className="text-soft" />
                {label}
              </PageLink>
            </li>
          ))}
        </ul>
        <div className="mt-4 flex items-center justify-between text-sm text-soft">
          <a href="/docs" className="inline-flex min-h-11 items-center">
            API reference
          </a>
          <ThemeButton />
        </div>
      </Sheet>
    </nav>
  )
}
