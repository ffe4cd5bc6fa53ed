import {
  BIGINT,
  DOUBLE,
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  type DuckDBPreparedStatement,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBUnionValue,
  type DuckDBValue,
  DuckDBVariantValue,
  LIST,
  VARCHAR,
} from '@duckdb/node-api'
import { ShoplakeError } from '../errors.ts'
import type { ResultValue } from '../ports.ts'

/**
 * A value of DuckDB as a result carries it. DECIMAL: exact text. Integers: numbers while safe, else decimal text.
 * Timestamps: ISO 8601 in UTC, with three digits of a second, or as many as the value has beyond that. Dates:
 * YYYY-MM-DD. BLOB: base64. Map: an object while its keys are texts, else a list of {key, value}. NaN and infinite
 * numbers: null, as JSON has none. UUID, INTERVAL, TIME, BIT, ENUM and JSON: DuckDB's text.
 */
export function resultValue(value: DuckDBValue): ResultValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : null
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
    default:
      return value === null || value === undefined ? null : objectValue(value)
  }
}

function objectValue(value: object): ResultValue {
  if (value instanceof DuckDBDecimalValue) return value.toString()
  if (value instanceof DuckDBTimestampValue) return isoTimestamp(value.micros, 1_000_000n, value)
  if (value instanceof DuckDBTimestampTZValue) return isoTimestamp(value.micros, 1_000_000n, value)
  if (value instanceof DuckDBTimestampMillisecondsValue) {
    return isoTimestamp(value.millis, 1000n, value)
  }
  if (value instanceof DuckDBTimestampSecondsValue) return isoTimestamp(value.seconds, 1n, value)
  if (value instanceof DuckDBTimestampNanosecondsValue) {
    return isoTimestamp(value.nanos, 1_000_000_000n, value)
  }
  if (value instanceof DuckDBDateValue) return isoDate(value)
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64')
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    return value.items.map(resultValue)
  }
  if (value instanceof DuckDBStructValue) return plainObject(Object.entries(value.entries))
  if (value instanceof DuckDBMapValue) return mapValue(value)
  if (value instanceof DuckDBUnionValue || value instanceof DuckDBVariantValue) {
    return resultValue(value.value)
  }
  return String(value)
}

/** Own properties whatever the names, `__proto__` too. */
function plainObject(entries: readonly (readonly [string, DuckDBValue])[]): ResultValue {
  return Object.fromEntries(entries.map(([name, value]) => [name, resultValue(value)]))
}

function mapValue(map: DuckDBMapValue): ResultValue {
  const { entries } = map
  if (entries.every((entry) => typeof entry.key === 'string')) {
    return plainObject(entries.map((entry) => [String(entry.key), entry.value]))
  }
  return entries.map((entry) => ({ key: resultValue(entry.key), value: resultValue(entry.value) }))
}

/** Milliseconds that Date can hold; beyond it, and for infinity, DuckDB's text stands. */
const DATE_LIMIT_MS = 8_640_000_000_000_000n
const LIMIT_US = DATE_LIMIT_MS * 1000n

function isoTimestamp(units: bigint, perSecond: bigint, value: { toString(): string }): string {
  if (perSecond === 1_000_000n && units % 1000n === 0n && units > -LIMIT_US && units < LIMIT_US) {
    return new Date(Number(units / 1000n)).toISOString()
  }
  const seconds = units / perSecond - (units % perSecond < 0n ? 1n : 0n)
  const fraction = units - seconds * perSecond
  const milliseconds = seconds * 1000n
  if (milliseconds > DATE_LIMIT_MS - 1000n || milliseconds < -DATE_LIMIT_MS) return String(value)
  const whole = new Date(Number(milliseconds)).toISOString().slice(0, -5)
  const digits = String(perSecond).length - 1
  const decimals = String(fraction)
    .padStart(digits, '0')
    .padEnd(3, '0')
    .slice(0, Math.max(3, digits))
  return `${whole}.${digits === 0 ? '000' : decimals.replace(/(?<=^.{3,})0+$/, '')}Z`
}

const DAY_MS = 86_400_000

function isoDate(date: DuckDBDateValue): string {
  const milliseconds = date.days * DAY_MS
  if (!date.isFinite) return date.days > 0 ? 'infinity' : '-infinity'
  if (Math.abs(milliseconds) > Number(DATE_LIMIT_MS)) return String(date)
  return new Date(milliseconds).toISOString().replace(/T.*$/, '')
}

/** The engine's name of a type, JSON included, which is a text with an alias. */
export function typeName(type: DuckDBType): string {
  return type.alias ?? type.toString()
}

/**
 * Fills $1, $2 … Numbers become INTEGER, BIGINT or DOUBLE, texts VARCHAR, lists lists of one kind.
 * Throws sql_failed when the count differs or a value has no place in SQL.
 */
export function bindParameters(
  statement: DuckDBPreparedStatement,
  parameters: readonly ResultValue[],
): void {
  if (statement.parameterCount !== parameters.length) {
    throw new ShoplakeError(
      'sql_failed',
      `The statement has ${statement.parameterCount} parameters ($1, $2 …), but ${parameters.length} were given.`,
    )
  }
  for (const [index, value] of parameters.entries()) bindParameter(statement, index + 1, value)
}

function bindParameter(
  statement: DuckDBPreparedStatement,
  index: number,
  value: ResultValue,
): void {
  if (value === null) statement.bindNull(index)
  else if (typeof value === 'string') statement.bindVarchar(index, value)
  else if (typeof value === 'boolean') statement.bindBoolean(index, value)
  else if (typeof value === 'number') bindNumber(statement, index, value)
  else if (Array.isArray(value)) bindItems(statement, index, value)
  else throw new ShoplakeError('sql_failed', `Parameter $${index} is an object; give a text.`)
}

function bindNumber(statement: DuckDBPreparedStatement, index: number, value: number): void {
  if (!Number.isSafeInteger(value)) statement.bindDouble(index, value)
  else if (value === (value | 0)) statement.bindInteger(index, value)
  else statement.bindBigInt(index, BigInt(value))
}

function bindItems(
  statement: DuckDBPreparedStatement,
  index: number,
  items: readonly ResultValue[],
): void {
  const kinds = new Set(items.map((item) => typeof item))
  const numbers = kinds.has('number')
  if (kinds.size > 1 || (items.length > 0 && !numbers && !kinds.has('string'))) {
    throw new ShoplakeError('sql_failed', `Parameter $${index} must list texts or numbers alone.`)
  }
  const whole = items.every(Number.isSafeInteger)
  if (!numbers) statement.bindList(index, items as string[], LIST(VARCHAR))
  else if (whole)
    statement.bindList(
      index,
      items.map((item) => BigInt(item as number)),
      LIST(BIGINT),
    )
  else statement.bindList(index, items as number[], LIST(DOUBLE))
}
