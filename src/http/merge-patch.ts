import { ShoplakeError } from '../errors.ts'

type Json = { readonly [name: string]: unknown }

const DEEPEST = 32

/**
 * The document with a JSON merge patch applied: null removes a member, objects are merged, everything else replaces.
 * Returns a new value. Throws bad_request when the patch nests deeper than 32. Source: RFC 7396.
 */
export function mergePatch(document: unknown, patch: Json, depth = 0): Json {
  if (depth > DEEPEST) {
    throw new ShoplakeError('bad_request', `patch nests deeper than ${DEEPEST} objects`)
  }
  const members = new Map(isObject(document) ? Object.entries(document) : [])
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name)
    else
      members.set(name, isObject(value) ? mergePatch(members.get(name), value, depth + 1) : value)
  }
  // fromEntries defines members; assigning them would let one named __proto__ change the object itself.
  return Object.fromEntries(members)
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
