import { useSearch } from '@tanstack/react-router'

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
export function usePageSearch<P extends PageName>(_page: P): PageSearch<P> {
  const search: object = useSearch({ strict: false })
  return search as PageSearch<P>
}
