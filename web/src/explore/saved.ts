import { useState } from 'react'

export interface SavedQuery {
  readonly name: string
  readonly sql: string
}

const STORED = 'shoplake.queries'
const MOST = 100

/** Queries kept in this browser, by name in order. */
export function useSaved() {
  const [saved, setSaved] = useState(read)
  const keep = (next: SavedQuery[]) => {
    const sorted = next.sort((a, b) => a.name.localeCompare(b.name)).slice(0, MOST)
    localStorage.setItem(STORED, JSON.stringify(sorted))
    setSaved(sorted)
  }
  return {
    saved,
    /** In place of the one with the same name. */
    save: (query: SavedQuery) => keep([...saved.filter(({ name }) => name !== query.name), query]),
    remove: (name: string) => keep(saved.filter((one) => one.name !== name)),
  }
}

/** What is not as we wrote it is left out. */
function read(): readonly SavedQuery[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED) ?? '[]')
    return Array.isArray(stored) ? stored.filter(isSaved) : []
  } catch (error) {
    if (error instanceof SyntaxError) return []
    throw error
  }
}

function isSaved(value: unknown): value is SavedQuery {
  const query = value as Partial<SavedQuery> | null
  return typeof query?.name === 'string' && typeof query.sql === 'string'
}
