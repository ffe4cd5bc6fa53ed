import type { Params } from '../data/report.ts'

/** What is explained, as it stands in the address: `report.column~name=value`. */
export interface Explained {
  readonly report: string
  readonly column: string
  readonly params: Params
}

export function explainKey(report: string, column: string, params: Params): string {
  const parts = Object.entries(params).map(
    ([name, value]) => `~${name}${value === undefined ? '' : `=${encodePart(String(value))}`}`,
  )
  return `${report}.${column}${parts.join('')}`
}

/** Undefined where the text is none of ours. */
export function readExplainKey(text: string | undefined): Explained | undefined {
  const [head = '', ...parts] = (text ?? '').split('~')
  const match = /^([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)$/.exec(head)
  if (!match) return undefined
  const params = parts.map((part) => {
    const [name = '', value] = part.split('=')
    return [name, value === undefined ? undefined : decodePart(value)]
  })
  return { report: match[1]!, column: match[2]!, params: Object.fromEntries(params) }
}

/** No part may hold the sign that divides them, which addresses else leave as it is. */
function encodePart(text: string): string {
  return encodeURIComponent(text).replaceAll('~', '%7E')
}

function decodePart(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Typed by hand: taken as it stands.
    return text
  }
}
