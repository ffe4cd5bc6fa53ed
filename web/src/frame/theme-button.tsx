import { Monitor, Moon, Sun } from 'lucide-react'
import { useState } from 'react'
import { storedTheme, storeTheme, type Theme } from './theme.ts'

const NEXT: { readonly [T in Theme]: Theme } = { system: 'light', light: 'dark', dark: 'system' }
const ICONS = { system: Monitor, light: Sun, dark: Moon } as const

/** Goes round: as the system, light, dark. */
export function ThemeButton() {
  const [theme, setTheme] = useState(storedTheme)
  const Icon = ICONS[theme]
  const turn = () => {
    storeTheme(NEXT[theme])
    setTheme(NEXT[theme])
  }
  return (
    <button
      type="button"
      onClick={turn}
      aria-label={`Theme: ${theme}. Change`}
      title={`Theme: ${theme}`}
      className="icon-button"
    >
      <Icon aria-hidden="true" size={15} />
    </button>
  )
}
