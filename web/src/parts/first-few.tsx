import { type ReactNode, useState } from 'react'
import { formatCount } from '../data/format.ts'

/** The first entries of a long list, and a button for all of them; a button for two or three would be longer than they are. */
export function useFirstFew<T>(
  list: readonly T[],
  few: number,
  /** Whether the list itself is but the beginning. */
  isPart = false,
): { readonly shown: readonly T[]; readonly more: ReactNode } {
  const [isWhole, setIsWhole] = useState(false)
  if (isWhole || list.length <= few + 3) return { shown: list, more: null }
  return {
    shown: list.slice(0, few),
    more: (
      <button type="button" className="button mt-3" onClick={() => setIsWhole(true)}>
        Show {isPart ? 'the first' : 'all'} {formatCount(list.length)}
      </button>
    ),
  }
}
