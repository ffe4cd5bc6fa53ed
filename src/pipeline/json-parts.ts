/** Objects and arrays in a body, in each other or beside each other. The largest honest body has some fifty thousand. */
const MOST_PARTS = 500_000

const [QUOTE, BACKSLASH, LINE_END] = [0x22, 0x5c, 0x0a]
const [ARRAY, OBJECT] = [0x5b, 0x7b]

/**
 * Whether a body of JSON or NDJSON has so many objects and arrays that making them would hold everybody else up: ten megabytes
 * of `[` take JSON.parse more than a second, as many bytes of events a twentieth of that. Looks at large bodies only, 2 ns a byte.
 */
export function hasTooManyParts(bytes: Uint8Array): boolean {
  if (bytes.length <= MOST_PARTS) return false
  let parts = 0
  let isText = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) isText = !isText
    else if (byte === BACKSLASH) at++
    // No text of JSON holds a line end: what looks like one that goes on is a broken line of NDJSON.
    else if (byte === LINE_END) isText = false
    else if (!isText && (byte === ARRAY || byte === OBJECT) && ++parts > MOST_PARTS) return true
  }
  return false
}
