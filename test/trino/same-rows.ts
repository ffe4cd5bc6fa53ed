/** Relative difference up to which two doubles are one: engines add in different orders. */
const DOUBLE = 1e-9

/**
 * Sentences about how the rows of two engines differ, at most `limit`; none where they are the same but for their order.
 * Values are as their JSON forms: decimals and big integers as text, timestamps with a blank in the middle.
 */
export function differences(
  a: readonly (readonly unknown[])[],
  b: readonly (readonly unknown[])[],
  limit = 3,
): string[] {
  if (a.length !== b.length) return [`${a.length} rows against ${b.length}`]
  const [left, right] = [sorted(a), sorted(b)]
  return left
    .flatMap((row, index) =>
      row.every((value, column) => isSame(value, right[index]![column]))
        ? []
        : [`${JSON.stringify(row)} against ${JSON.stringify(right[index])}`],
    )
    .slice(0, limit)
}

function sorted(rows: readonly (readonly unknown[])[]): unknown[][] {
  return rows
    .map((row) => row.map(canonical))
    .map((row) => ({ row, key: JSON.stringify(row.map(rough)) }))
    .sort((x, y) => (x.key < y.key ? -1 : x.key > y.key ? 1 : 0))
    .map(({ row }) => row)
}

/** Doubles that nearly agree must sort alike. */
function rough(value: unknown): unknown {
  const isFraction = typeof value === 'number' && !Number.isInteger(value)
  return isFraction ? Number(value.toPrecision(6)) : value
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    return Math.abs(a - b) <= DOUBLE * Math.max(1, Math.abs(a), Math.abs(b))
  }
  return JSON.stringify(a) === JSON.stringify(b)
}

/** One form for what both engines mean: numbers, however they are written, and timestamps to the millisecond. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (value !== null && typeof value === 'object') return Object.values(value).map(canonical)
  if (typeof value !== 'string') return value
  if (/^-?\d+$/.test(value) && Number.isSafeInteger(Number(value))) return Number(value)
  if (/^-?\d+\.\d+$/.test(value)) return value.replace(/\.?0+$/, '')
  const [, moment, fraction = ''] =
    /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.(\d+))?$/.exec(value) ?? []
  return moment === undefined ? value : `${moment}.${fraction.slice(0, 3).padEnd(3, '0')}`
}
