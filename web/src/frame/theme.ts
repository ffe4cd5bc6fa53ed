export type Theme = 'system' | 'light' | 'dark'

const STORED = 'shoplake.theme'
/** Told on the document when the theme was chosen by hand, so that drawings take new colours. */
export const THEME_EVENT = 'shoplake:theme'

export function storedTheme(): Theme {
  const stored = localStorage.getItem(STORED)
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}

export function storeTheme(theme: Theme): void {
  if (theme === 'system') localStorage.removeItem(STORED)
  else localStorage.setItem(STORED, theme)
  applyTheme(theme)
}

/** Every colour is a light-dark() pair, so that the scheme alone decides. */
export function applyTheme(theme: Theme): void {
  document.documentElement.style.colorScheme = theme === 'system' ? '' : theme
  document.dispatchEvent(new Event(THEME_EVENT))
}
