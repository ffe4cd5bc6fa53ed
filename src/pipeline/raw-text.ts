const QUOTE = 34
const BACKSLASH = 92
const OPEN = '[{'
const CLOSE = ']}'

/**
 * The texts of the elements of a JSON array as they were sent, without the space around them: what a dead letter keeps.
 * `text` is valid JSON whose array opens at `open`. Iterative, so that no nesting is too deep.
 */
export function elementTexts(text: string, open: number): string[] {
  const elements: string[] = []
  let depth = 0
  let start = open + 1
  for (let at = open; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) at = stringEnd(text, at)
    else if (OPEN.includes(text[at]!)) depth++
    else if (text[at] === ',' && depth === 1) {
      elements.push(text.slice(start, at).trim())
      start = at + 1
    } else if (CLOSE.includes(text[at]!) && --depth === 0) {
      const last = text.slice(start, at).trim()
      if (last !== '' || elements.length > 0) elements.push(last)
      return elements
    }
  }
  return elements
}

/** Where the value of a key of the outermost object begins; the last one where the key stands twice, as JSON.parse takes it. */
export function valueStart(text: string, key: string): number | undefined {
  let depth = 0
  let found: number | undefined
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const end = stringEnd(text, at)
      const colon = depth === 1 ? skipSpace(text, end + 1) : -1
      if (text[colon] === ':' && JSON.parse(text.slice(at, end + 1)) === key) {
        found = skipSpace(text, colon + 1)
      }
      at = end
    } else if (OPEN.includes(text[at]!)) depth++
    else if (CLOSE.includes(text[at]!)) depth--
  }
  return found
}

/** Index of the quote that ends the string which begins at `at`. */
function stringEnd(text: string, at: number): number {
  for (let next = at + 1; next < text.length; next++) {
    const code = text.charCodeAt(next)
    if (code === BACKSLASH) next++
    else if (code === QUOTE) return next
  }
  return text.length
}

function skipSpace(text: string, at: number): number {
  let next = at
  while (' \t\r\n'.includes(text[next] ?? 'x')) next++
  return next
}
