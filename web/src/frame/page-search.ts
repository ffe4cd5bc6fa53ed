import { useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'

/** The search parameters of a page beside those of every page, all texts. */
export const PAGE_SEARCH = {
  orders: ['status'],
  events: ['event_type', 'source', 'verdict'],
  event: ['day'],
  quality: ['status', 'reason'],
  fix: ['reason', 'event_type', 'path'],
  settings: ['part'],
  explore: ['q'],
} as const

type PageName = keyof typeof PAGE_SEARCH

/** What stands in the address for a page; absent where it does not. */
export type PageSearch<P extends PageName> = {
  readonly [N in (typeof PAGE_SEARCH)[P][number]]?: string
}

/** The search of the page that is open, which is the one named. */
export function usePageSearch<P extends PageName>(page: P): PageSearch<P> {
  const raw: object = useSearch({ strict: false })
  return useMemo(() => textsIn({ ...raw }, PAGE_SEARCH[page]), [raw, page])
}

/** Search parameters with these names, as texts; those that hold none are left out. */
export function textsIn<const Name extends string>(
  raw: { readonly [name: string]: unknown },
  names: readonly Name[],
): { readonly [N in Name]?: string } {
  const found = names.filter((name) => typeof raw[name] === 'string' && raw[name] !== '')
  return Object.fromEntries(found.map((name) => [name, raw[name]])) as { [N in Name]?: string }
}
