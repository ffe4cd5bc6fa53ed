import type { ResultValue } from '../ports.ts'

/**
 * A report's value as a person at a terminal reads it, by the unit of its column: money without zeros behind the second
 * decimal, ratios as percentages, other numbers to two decimals. Everything else as it is.
 */
export function reportCell(value: ResultValue, unit: string | undefined): ResultValue {
  if (value === null || typeof value === 'object') return value
  const text = String(value)
  if (!/^-?\d+(\.\d+)?$/.test(text)) return value
  if (unit === 'money') return text.replace(/(\.\d\d\d*?)0+$/, '$1')
  if (unit === 'ratio') return `${(Number(text) * 100).toFixed(1)}%`
  if (unit === 'number' && text.includes('.')) return Number(text).toFixed(2)
  return value
}
