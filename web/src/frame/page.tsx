import type { ReactNode } from 'react'
import type { FilterName } from '../data/view.ts'
import { BeyondData } from './beyond-data.tsx'
import { FilterChips } from './filter-chips.tsx'
import { FilterMenu } from './filter-menu.tsx'
import { PeriodMenu } from './period-menu.tsx'
import { ShareButton } from './share-button.tsx'

interface PageProps {
  readonly title: string
  /** Above the title: where it belongs, as a link. */
  readonly parent?: ReactNode
  /** Beside the title. */
  readonly aside?: ReactNode
  /** Whether what it shows depends on the days of the view; then their menu stands above. */
  readonly days?: boolean
  /** What its reports can be filtered by. */
  readonly filters?: readonly FilterName[]
  readonly children: ReactNode
}

const NO_FILTERS: readonly FilterName[] = []

/** A page: its title, what it looks at, and its content below. */
export function Page(props: PageProps) {
  const { title, parent, aside, days = false, filters = NO_FILTERS, children } = props
  // On a phone the menus of days and filters stand below the title.
  const isTwoLines = days || filters.length > 0
  return (
    <>
      <header className="page-header">
        <div className={`min-w-0 flex-1 ${isTwoLines ? 'max-sm:basis-full' : ''}`}>
          {parent}
          <div className="flex min-w-0 items-center gap-3">
            <h1 className="truncate text-xl max-sm:line-clamp-2 max-sm:whitespace-normal font-semibold tracking-tight">
              {title}
            </h1>
            {aside}
          </div>
        </div>
        <div className={`flex items-center gap-2 ${isTwoLines ? 'max-sm:w-full' : ''}`}>
          {filters.length > 0 && <FilterMenu names={filters} />}
          {days && <PeriodMenu />}
          <ShareButton />
        </div>
      </header>
      <FilterChips />
      {days && <BeyondData />}
      <div className="grid grid-cols-1 gap-4">{children}</div>
    </>
  )
}
