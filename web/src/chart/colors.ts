import { useSyncExternalStore } from 'react'
import { THEME_EVENT } from '../frame/theme.ts'

export interface Colors {
  readonly ink: string
  readonly soft: string
  readonly line: string
  readonly surface: string
  /** One for each series, told apart by pattern too. */
  readonly series: readonly string[]
}

const SERIES = [1, 2, 3, 4, 5, 6].map((place) => `--series-${place}`)

/** The tokens of the theme as plain colours, which drawings need. */
export function readColors(): Colors {
  const probe = document.createElement('span')
  document.body.append(probe)
  const colorOf = (token: string) => {
    probe.style.color = `var(${token})`
    return getComputedStyle(probe).color
  }
  const colors = {
    ink: colorOf('--ink'),
    soft: colorOf('--ink-soft'),
    line: colorOf('--line'),
    surface: colorOf('--surface'),
    series: SERIES.map(colorOf),
  }
  probe.remove()
  return colors
}

/** A text that changes with the theme, for drawings to be made again. */
export function useScheme(): string {
  return useSyncExternalStore(
    (onChange) => {
      const dark = window.matchMedia('(prefers-color-scheme: dark)')
      dark.addEventListener('change', onChange)
      document.addEventListener(THEME_EVENT, onChange)
      return () => {
        dark.removeEventListener('change', onChange)
        document.removeEventListener(THEME_EVENT, onChange)
      }
    },
    () => {
      const chosen = document.documentElement.style.colorScheme
      const isDark = window.matchMedia('(prefers-color-scheme: dark)').matches
      return chosen || (isDark ? 'dark' : 'light')
    },
  )
}
