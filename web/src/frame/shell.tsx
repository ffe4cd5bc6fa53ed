import { Outlet, useLocation } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useSession } from '../data/session.tsx'
import { LiveProvider } from '../live/live-context.tsx'
import { BottomTabs } from './bottom-tabs.tsx'
import { FirstEvent } from './first-event.tsx'
import { PagePending } from './page-states.tsx'
import { PAGES } from './pages.ts'
import { useShortcuts } from './shortcuts.ts'
import { Sidebar } from './sidebar.tsx'

const loadPalette = () => import('./palette.tsx')
const Palette = lazy(async () => ({ default: (await loadPalette()).Palette }))
const ShortcutList = lazy(async () => ({
  default: (await import('./shortcut-list.tsx')).ShortcutList,
}))
const ExplainPanel = lazy(async () => ({
  default: (await import('../explain/explain-panel.tsx')).ExplainPanel,
}))

const AHEAD_MS = 3000

type Overlay = 'palette' | 'shortcuts'

/** What stands around every page: sidebar or tabs, the header with days and filters, and what opens over it. */
export function Shell() {
  const [overlay, setOverlay] = useState<Overlay>()
  const isExplaining = useIsExplaining()
  useShortcuts(setOverlay)
  useTitle()
  usePaletteAhead()
  const close = () => setOverlay(undefined)
  return (
    <LiveProvider>
      <a href="#page" className="skip-link">
        Skip to the page
      </a>
      <div className="lg:pl-56">
        <Sidebar onSearch={() => setOverlay('palette')} />
        <div className="mx-auto flex min-h-dvh max-w-[84rem] flex-col px-4 pb-24 sm:px-6 lg:px-8 lg:pb-10">
          <main id="page" className="min-w-0 flex-1 outline-none" tabIndex={-1}>
            <Suspense fallback={<PagePending />}>
              <FirstEvent>
                <Outlet />
              </FirstEvent>
            </Suspense>
          </main>
        </div>
        <BottomTabs />
      </div>
      <Suspense>
        {overlay === 'palette' && <Palette onClose={close} />}
        {overlay === 'shortcuts' && <ShortcutList onClose={close} />}
        {isExplaining && <ExplainPanel />}
      </Suspense>
    </LiveProvider>
  )
}

/** Who opens the palette types at once: its code is there before. */
function usePaletteAhead(): void {
  useEffect(() => {
    const timer = window.setTimeout(loadPalette, AHEAD_MS)
    return () => window.clearTimeout(timer)
  }, [])
}

function useIsExplaining(): boolean {
  const { searchStr } = useLocation()
  return new URLSearchParams(searchStr).has('explain')
}

/** `Funnel · Demo shop`, so that tabs and bookmarks can be told apart. */
function useTitle(): void {
  const { server } = useSession()
  const { pathname } = useLocation()
  const label = PAGES.findLast(({ path, within = [] }) =>
    [path, ...within].some((one) => pathname === one || pathname.startsWith(`${one}/`)),
  )?.label
  useEffect(() => {
    document.title = `${label ? `${label} · ` : ''}${server.shop.name}`
  }, [label, server.shop.name])
}
