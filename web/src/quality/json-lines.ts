/** A line of a JSON text laid out over several lines. */
export interface JsonLine {
  /** With its indentation. */
  readonly text: string
  /** Of the value that begins here: `items.0.price`; '' is the whole. */
  readonly path: string
}

/** A value as indented lines, each with the path of what begins on it. Depth is bounded by what JSON.parse took. */
export function linesOf(value: unknown): JsonLine[] {
  const lines: JsonLine[] = []
  write(lines, value, '', '', '', '')
  return lines
}

function write(
  lines: JsonLine[],
  value: unknown,
  path: string,
  indent: string,
  label: string,
  comma: string,
): void {
  const isList = Array.isArray(value)
  const entries = entriesOf(value)
  if (entries === undefined || entries.length === 0) {
    lines.push({ text: `${indent}${label}${JSON.stringify(value)}${comma}`, path })
    return
  }
  lines.push({ text: `${indent}${label}${isList ? '[' : '{'}`, path })
  for (const [place, [name, inner]] of entries.entries()) {
    const own = isList ? '' : `${JSON.stringify(name)}: `
    const end = place < entries.length - 1 ? ',' : ''
    write(lines, inner, path === '' ? name : `${path}.${name}`, `${indent}  `, own, end)
  }
  lines.push({ text: `${indent}${isList ? ']' : '}'}${comma}`, path: `${path}$` })
}

function entriesOf(value: unknown): [string, unknown][] | undefined {
  return typeof value === 'object' && value !== null ? Object.entries(value) : undefined
}

/** Which line a path fails on: its own, or that of the nearest part that is there, when the field is missing. */
export function failingLine(lines: readonly JsonLine[], path: string | null): number {
  if (path === null) return -1
  for (let at = path; ; at = at.slice(0, at.lastIndexOf('.'))) {
    const found = lines.findIndex((line) => line.path === at)
    if (found !== -1) return found
    if (!at.includes('.')) return lines.length > 0 ? 0 : -1
  }
}

type Json = { readonly [name: string]: unknown }

/**
 * The JSON merge patch (RFC 7396) that makes one object of another; undefined where there is none: a member whose value is to
 * become null, which a merge patch would remove.
 */
export function patchBetween(from: Json, to: Json): Json | undefined {
  const patch: [string, unknown][] = []
  for (const name of Object.keys(from)) if (!Object.hasOwn(to, name)) patch.push([name, null])
  for (const [name, value] of Object.entries(to)) {
    const before = Object.hasOwn(from, name) ? from[name] : undefined
    if (Object.hasOwn(from, name) && isSame(before, value)) continue
    if (value === null) return undefined
    if (!isObject(value)) {
      patch.push([name, value])
      continue
    }
    const inner = patchBetween(isObject(before) ? before : {}, value)
    if (inner === undefined) return undefined
    patch.push([name, inner])
  }
  return Object.fromEntries(patch)
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** A JSON object; undefined where a text is none. */
export function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
