import type { ReactNode } from 'react'
import { PageLink } from './page-link.tsx'

/** Above the title of a page that belongs to another. */
export function ParentLink({
  to,
  children,
}: {
  readonly to: string
  readonly children: ReactNode
}) {
  return (
    <PageLink
      to={to}
      className="inline-flex min-h-6 items-center text-xs text-soft hover:text-ink max-sm:min-h-11"
    >
      {children}
    </PageLink>
  )
}
