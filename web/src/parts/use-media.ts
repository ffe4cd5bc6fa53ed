import { useSyncExternalStore } from 'react'

/** Whether the window fits a media query, as it changes. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (onChange) => {
      const list = window.matchMedia(query)
      list.addEventListener('change', onChange)
      return () => list.removeEventListener('change', onChange)
    },
    () => window.matchMedia(query).matches,
  )
}

/** Narrower than a small tablet. */
export function useIsPhone(): boolean {
  return useMedia('(max-width: 639px)')
}
