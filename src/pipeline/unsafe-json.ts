import type { Rejection } from '../schema/rejection.ts'

/** Why one event is refused, where, and in plain words. */
export interface Refusal {
  readonly reason: Rejection
  readonly path?: string
  readonly message: string
}

/** Objects and arrays inside each other, in what the schema does not describe. */
const NESTING_LIMIT = 32

/**
 * The first thing in a value that no table can hold: an own `__proto__` key, a lone surrogate in a text or key, a number
 * beyond double precision's range, nesting deeper than 32, or something that is not JSON at all (from a caller in process).
 * `path` is the value's own, `depth` how many containers of the event it stands in. Recursion ends at the nesting limit, so no input can overflow the stack.
 */
export function findUnsafe(value: unknown, path: string, depth = 0): Refusal | undefined {
  switch (typeof value) {
    case 'string':
      return isWellFormed(value) ? undefined : invalid(path, 'a lone surrogate is not text')
    case 'number':
      return Number.isFinite(value) ? undefined : invalid(path, 'the number is out of range')
    case 'boolean':
      return undefined
    case 'object':
      if (value === null) return undefined
      if (depth >= NESTING_LIMIT) {
        return invalid(path, `nested deeper than ${NESTING_LIMIT} levels`)
      }
      return Array.isArray(value)
        ? findInArray(value, path, depth)
        : findInObject(value as { [key: string]: unknown }, path, depth)
    default:
      return invalid(path, 'not a JSON value')
  }
}

/** The same for every field of an event. */
export function findUnsafeField(event: { readonly [field: string]: unknown }): Refusal | undefined {
  return findInObject(event, '', -1)
}

function findInArray(values: unknown[], path: string, depth: number): Refusal | undefined {
  for (let index = 0; index < values.length; index++) {
    const found = findUnsafe(values[index], joinPath(path, String(index)), depth + 1)
    if (found) return found
  }
  return undefined
}

function findInObject(
  object: { readonly [key: string]: unknown },
  path: string,
  depth: number,
): Refusal | undefined {
  for (const key of Object.keys(object)) {
    const inner = joinPath(path, key)
    if (key === '__proto__') return invalid(inner, 'a field must not be named __proto__')
    if (!isWellFormed(key)) return invalid(path, 'a field name with a lone surrogate is not text')
    const found = findUnsafe(object[key], inner, depth + 1)
    if (found) return found
  }
  return undefined
}

const LONE_SURROGATE = /\p{Surrogate}/u

function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text)
}

function joinPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

function invalid(path: string, message: string): Refusal {
  return { reason: 'invalid_field', path, message: `${path === '' ? 'event' : path}: ${message}` }
}
