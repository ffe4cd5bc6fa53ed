import type { ResultValue } from '../ports.ts'

/**
 * A value of a result as Athena gives it, all of them text, by the type that it names. Integers beyond 2^53 and DECIMAL stay text; timestamps
 * become ISO 8601 in UTC; NaN and infinite numbers null. Arrays, rows and maps stay what Athena shows of them:
 * their text cannot be read back for sure.
 */
export function athenaValue(text: string | undefined, type: string): ResultValue {
  if (text === undefined) return null
  switch (type.toLowerCase()) {
    case 'tinyint':
    case 'smallint':
    case 'integer':
    case 'bigint':
      return Number.isSafeInteger(Number(text)) ? Number(text) : text
    case 'float':
    case 'real':
    case 'double':
      return Number.isFinite(Number(text)) ? Number(text) : null
    case 'boolean':
      return text === 'true'
    case 'timestamp':
      return timestampOf(text)
    case 'timestamp with time zone':
      return timestampOf(text.replace(/ (UTC|\+00:00)$/, ''))
    default:
      return text
  }
}

/** `2025-01-15 10:30:00.000` */
function timestampOf(text: string): string {
  const match = /^(\d{4,}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d+))?$/.exec(text)
  if (!match) return text
  return `${match[1]}T${match[2]}.${(match[3] ?? '').padEnd(3, '0')}Z`
}
