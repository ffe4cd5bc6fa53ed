import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { type Days, DEFAULT_PRESET, dayIn, hourIn, isDay, presetOf } from './period.ts'
import { useSession } from './session.tsx'

/** What a click can filter by: text parameters of reports that have these names. */
export const FILTERS = ['country', 'channel', 'device', 'category'] as const

export type FilterName = (typeof FILTERS)[number]

/** The part of the address that every page shares; all of it is text, and what is the default is left out. */
export type ViewSearch = {
  period?: string
  from?: string
  to?: string
  compare?: string
  /** `report.column`, with `~name=value` for each parameter that the tile set itself. */
  explain?: string
} & { [F in FilterName]?: string }

/** Keeps what is known and fits; an address typed by hand never breaks a page. */
export function readViewSearch(raw: { readonly [name: string]: unknown }): ViewSearch {
  const text = (name: string) => {
    const value = raw[name]
    return typeof value === 'string' && value !== '' ? value.slice(0, 500) : undefined
  }
  const found: { [name: string]: string } = {}
  const put = (name: string, value: string | undefined) => {
    if (value !== undefined) found[name] = value
  }
  const [from, to] = [text('from'), text('to')]
  if (isDay(from) && isDay(to) && from <= to) {
    put('from', from)
    put('to', to)
  } else put('period', presetOf(text('period'))?.name)
  if (text('compare') === 'off') put('compare', 'off')
  put('explain', text('explain'))
  for (const name of FILTERS) put(name, text(name))
  return found
}

/** The part of the address that every page shares, as far as it fits: the router hands on what does not, too. */
export function useViewSearch(): ViewSearch {
  const raw: object = useSearch({ strict: false })
  return useMemo(() => readViewSearch({ ...raw }), [raw])
}

/** What the page looks at: days, comparison and filters. */
export interface View extends Days {
  /** Name of the preset; undefined for days chosen by hand. */
  readonly period: string | undefined
  readonly compare: boolean
  readonly filters: { readonly [F in FilterName]?: string }
  /** Today in the shop's zone. */
  readonly today: string
}

/** This day and this hour on the shop's clock, to tell what is not over yet. */
export function useToday(): { readonly day: string; readonly hour: string } {
  const { server } = useSession()
  const zone = server.shop.time_zone
  const now = Date.now()
  const day = dayIn(zone, now)
  const hour = `${day} ${hourIn(zone, now)}:00`
  return useMemo(() => ({ day, hour }), [day, hour])
}

export function useView(): View {
  const search = useViewSearch()
  const { server } = useSession()
  const today = dayIn(server.shop.time_zone, Date.now())
  return useMemo(() => viewOf(search, today), [search, today])
}

function viewOf(search: ViewSearch, today: string): View {
  const { from, to } = search
  const isCustom = from !== undefined && to !== undefined
  const period = isCustom ? undefined : (search.period ?? DEFAULT_PRESET)
  const days = isCustom ? { from, to } : presetOf(period)!.days(today)
  const filters = Object.fromEntries(
    FILTERS.flatMap((name) => (search[name] === undefined ? [] : [[name, search[name]]])),
  )
  return { ...days, period, compare: search.compare !== 'off', filters, today }
}

/** Changes the view: a step in the browser's history, on the same page. */
export function useSetView(): (
  change: { readonly [N in keyof ViewSearch]?: string | undefined },
) => void {
  const navigate = useNavigate()
  return (change) => {
    const search = (previous: ViewSearch) => ({ ...previous, ...change })
    // The shape of each page's own search is that page's matter.
    void navigate({ to: '.', search: search as never, resetScroll: false })
  }
}
