import { ShoplakeError } from '../errors.ts'
import type { Column, ColumnField } from '../schema/column.ts'
import { parseMoney } from '../schema/money.ts'

/** Turns a value of a canonical line into what the Parquet writer takes for its column. Throws encoder_refused. */
export type Encode = (value: unknown) => unknown

/**
 * The encoder of a column. Nothing is converted between kinds: a line holds what the collector wrote or is damaged. Null and
 * absent are the same; a required column refuses them, unless it names a person, who may have been erased.
 */
export function encoderOf(field: ColumnField): Encode {
  const encode = valueEncoder(field.column, field.name)
  const isNeeded = field.required && !field.identity
  return (value) => {
    if (value !== undefined && value !== null) return encode(value)
    if (isNeeded) throw refused(field.name, 'nothing')
    return undefined
  }
}

function valueEncoder(column: Column, path: string): Encode {
  switch (column.kind) {
    case 'string':
      return (value) => (typeof value === 'string' ? value : refuse(path, value))
    case 'json':
      return (value) => JSON.stringify(value)
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? value : refuse(path, value))
    case 'int32':
      return (value) => (isInt32(value) ? value : refuse(path, value))
    case 'int64':
      return (value) =>
        Number.isSafeInteger(value) ? BigInt(value as number) : refuse(path, value)
    case 'double':
      return (value) => (typeof value === 'number' ? value : refuse(path, value))
    case 'date':
      return (value) => dayOf(value) ?? refuse(path, value)
    case 'timestamp':
      return (value) => momentOf(value) ?? refuse(path, value)
    case 'decimal':
      return (value) => parseMoney(value) ?? refuse(path, value)
    case 'list':
      return listEncoder(column.element, path)
    case 'struct':
      return structEncoder(column.fields, path)
  }
}

function listEncoder(element: Column, path: string): Encode {
  const encode = valueEncoder(element, `${path}[]`)
  return (value) => {
    if (!Array.isArray(value)) return refuse(path, value)
    return value.map((entry) => (entry === null ? refuse(path, entry) : encode(entry)))
  }
}

function structEncoder(fields: readonly ColumnField[], path: string): Encode {
  const encoders = fields.map(
    (field) => [field.name, encoderOf({ ...field, name: `${path}.${field.name}` })] as const,
  )
  return (value) => {
    if (typeof value !== 'object' || Array.isArray(value)) return refuse(path, value)
    const parts = value as { readonly [name: string]: unknown }
    return Object.fromEntries(encoders.map(([name, encode]) => [name, encode(parts[name])]))
  }
}

function isInt32(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) === ((value as number) | 0)
}

const DAY = /^\d{4}-\d{2}-\d{2}$/
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/
const DAY_MS = 86_400_000

/** Days since 1970 of `2025-01-15`. */
function dayOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || !DAY.test(value)) return undefined
  const ms = Date.parse(value)
  return Number.isNaN(ms) ? undefined : ms / DAY_MS
}

/** Milliseconds since 1970 of a canonical timestamp. */
function momentOf(value: unknown): bigint | undefined {
  if (typeof value !== 'string' || !MOMENT.test(value)) return undefined
  const ms = Date.parse(value)
  return Number.isNaN(ms) ? undefined : BigInt(ms)
}

function refuse(path: string, value: unknown): never {
  throw refused(path, JSON.stringify(value)?.slice(0, 100) ?? String(value))
}

function refused(path: string, text: string): ShoplakeError {
  return new ShoplakeError('encoder_refused', `column ${path} cannot hold ${text}`)
}
