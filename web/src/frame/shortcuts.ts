import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { PRESETS } from '../data/period.ts'
import { FILTERS, readViewSearch, useSetView, useView } from '../data/view.ts'
import { PAGES } from './pages.ts'

const GO_MS = 1500

/** One key each: days, comparison, pages after G, the palette. Nothing while somebody types. */
export function useShortcuts(open: (overlay: 'palette' | 'shortcuts') => void): void {
  const setView = useSetView()
  const view = useView()
  const navigate = useNavigate()
  const act = useRef<(event: KeyboardEvent) => void>(() => {})
  const goingUntil = useRef(0)
  const go = (letter: string) => {
    const page = PAGES.find((one) => one.letter === letter)
    const search = (previous: object) => ({
      ...readViewSearch({ ...previous }),
      explain: undefined,
    })
    if (page) void navigate({ to: page.path as never, search: search as never })
  }
  act.current = (event) => {
    const key = event.key.toUpperCase()
    if ((event.metaKey || event.ctrlKey) && key === 'K') {
      event.preventDefault()
      open('palette')
      return
    }
    if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event)) return
    if (event.timeStamp < goingUntil.current) {
      goingUntil.current = 0
      go(key)
    } else if (key === 'G') goingUntil.current = event.timeStamp + GO_MS
    else if (key === '?') open('shortcuts')
    else if (key === '/') {
      event.preventDefault()
      open('palette')
    } else if (key === 'X') setView({ compare: view.compare ? 'off' : undefined })
    else if (key === 'ESCAPE') setView(Object.fromEntries(FILTERS.map((name) => [name, undefined])))
    else {
      const preset = PRESETS.find(({ letter }) => letter === key)
      if (preset) setView({ period: preset.name, from: undefined, to: undefined })
    }
  }
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => act.current(event)
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
}

/** Keys belong to fields, and to whatever is open over the page. */
function isTyping({ target, defaultPrevented }: KeyboardEvent): boolean {
  if (defaultPrevented || document.querySelector('[role=dialog], [role=menu]')) return true
  if (!(target instanceof HTMLElement)) return false
  const isField = target instanceof HTMLInputElement && target.type !== 'range'
  return isField || target.isContentEditable || ['TEXTAREA', 'SELECT'].includes(target.tagName)
}
