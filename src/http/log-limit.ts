/** Lines of one kind that are written in a second; who sends ten thousand bad requests a second must not fill a disk. */
const LINES_A_SECOND = 20

/** How many lines of this kind were left out since the last one, or undefined where this one is to be left out too. */
export type LogLimit = (kind: string) => number | undefined

/** Bounds lines by kind; kinds must be few. `now` in milliseconds. Nothing is lost with a line: metrics count every one. */
export function createLogLimit(now: () => number): LogLimit {
  const kinds = new Map<string, { second: number; lines: number; left_out: number }>()
  return (kind) => {
    const second = Math.floor(now() / 1000)
    const held = kinds.get(kind) ?? { second, lines: 0, left_out: 0 }
    kinds.set(kind, held)
    if (held.second !== second) {
      held.second = second
      held.lines = 0
    }
    held.lines += 1
    if (held.lines > LINES_A_SECOND) {
      held.left_out += 1
      return undefined
    }
    const { left_out } = held
    held.left_out = 0
    return left_out
  }
}
