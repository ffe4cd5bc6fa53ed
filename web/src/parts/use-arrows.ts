import type { KeyboardEvent } from 'react'

const STEPS: { readonly [key: string]: readonly [number, number] } = {
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
}

/**
 * Moves the focus among elements marked `data-cell="row,column"`, as a handler of their common ancestor. In a single
 * column the arrows to the side go up and down too.
 */
export function moveByArrows(event: KeyboardEvent<HTMLElement>): void {
  const from = (event.target as HTMLElement).dataset.cell
  if (from === undefined) return
  const [row, column] = from.split(',').map(Number) as [number, number]
  const at = (r: number, c: number) =>
    event.currentTarget.querySelector<HTMLElement>(`[data-cell="${r},${c}"]`)
  const target = targetOf(event.key, row, column, at)
  if (!target) return
  event.preventDefault()
  target.focus()
}

type Look = (row: number, column: number) => HTMLElement | null

function targetOf(key: string, row: number, column: number, at: Look): HTMLElement | null {
  if (key === 'Home') return at(0, 0)
  const step = STEPS[key]
  if (!step) return null
  return at(row + step[0], column + step[1]) ?? at(row + step[0] + step[1], column)
}
