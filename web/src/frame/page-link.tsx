import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { readViewSearch } from '../data/view.ts'

interface PageLinkProps {
  /** A path, filled in already: `/products/p-1` must come encoded by `pathOf`. */
  readonly to: string
  /** Search parameters of the page itself, or changes of the view. */
  readonly search?: { readonly [name: string]: string | undefined }
  readonly className?: string
  readonly title?: string
  readonly onClick?: () => void
  readonly children: ReactNode
  /** Spoken in place of the content. */
  readonly label?: string
  /** Its place among those that the arrow keys go through. */
  readonly cell?: string
  /** Whether the page shown belongs to it. */
  readonly within?: boolean
}

/** A link to a page of the console that takes days, comparison and filters along. */
export function PageLink({ to, search, label, cell, within, children, ...rest }: PageLinkProps) {
  const keep = (previous: { readonly [name: string]: unknown }) => ({
    ...readViewSearch(previous),
    explain: undefined,
    ...search,
  })
  return (
    <Link
      to={to as never}
      search={keep as never}
      activeOptions={{ exact: to === '/', includeSearch: false }}
      {...(label ? { 'aria-label': label } : {})}
      {...(within ? { 'data-within': true } : {})}
      {...(cell ? { 'data-cell': cell } : {})}
      {...rest}
    >
      {children}
    </Link>
  )
}

/** The address of one thing: ids hold whatever the shop put there. */
export function pathOf(kind: 'orders' | 'products' | 'customers' | 'reports', id: string): string {
  return `/${kind}/${encodeURIComponent(id)}`
}
