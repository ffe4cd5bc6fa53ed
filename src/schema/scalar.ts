import * as z from 'zod'
import { type Column, type ColumnField, MONEY } from './column.ts'
import { isMoney, MONEY_NUMBER_LIMIT, MONEY_TEXT } from './money.ts'
import { parseTimestamp } from './timestamp.ts'

/** JSON Schema of a scalar, written by hand: the validator of record is `check`, this is its published twin. */
export type JsonSchema = { readonly [key: string]: unknown }

/** How the collector turns a valid wire value into the stored one. */
export type Canonical = 'as_is' | 'money' | 'timestamp' | 'json' | 'hash' | 'upper'

/** A field's type: validator, stored column and published schema, fixed together. */
export interface Scalar<T = unknown> {
  readonly check: z.ZodType<T>
  readonly column: Column
  readonly json_schema: JsonSchema
  readonly canonical: Canonical
  /** Names or follows a person; dropped by an erase. */
  readonly identity: boolean
  /** For a struct or a list of structs: the named parts, for canonical order and drift. */
  readonly fields?: Fields
}

/** A scalar in an event: whether it must be there, and one sentence about it. */
export interface Field<T = unknown, R extends boolean = boolean> {
  readonly scalar: Scalar<T>
  readonly required: R
  readonly description: string
}

export type Fields = { readonly [name: string]: Field }

/** The TypeScript type that a set of fields describes on the wire. */
export type ValueOf<F extends Fields> = {
  [K in keyof F as F[K] extends Field<unknown, true> ? K : never]: F[K] extends Field<infer T>
    ? T
    : never
} & {
  [K in keyof F as F[K] extends Field<unknown, true> ? never : K]?: F[K] extends Field<infer T>
    ? T | null
    : never
}

export function required<T>(scalar: Scalar<T>, description: string): Field<T, true> {
  return { scalar, required: true, description }
}

export function optional<T>(scalar: Scalar<T>, description: string): Field<T, false> {
  return { scalar, required: false, description }
}

/** Marks a scalar as naming or following a person. */
export function identity<T>(scalar: Scalar<T>): Scalar<T> {
  return { ...scalar, identity: true }
}

function scalar<T>(
  check: z.ZodType<T>,
  column: Column,
  json_schema: JsonSchema,
  canonical: Canonical = 'as_is',
): Scalar<T> {
  return { check, column, json_schema, canonical, identity: false }
}

const STRING: Column = { kind: 'string' }

/** Length in UTF-16 units on the validator's side; JSON Schema counts code points, so both are stated as a code-point bound. */
function bounded(min: number, max: number): z.ZodType<string> {
  return z.string({ error: 'expected text' }).refine((text) => isWithin(text, min, max), {
    error: `expected ${min} to ${max} characters`,
  })
}

function isWithin(text: string, min: number, max: number): boolean {
  if (text.length < min) return false
  if (text.length <= max) return true
  return text.length <= max * 2 && [...text].length <= max
}

/** An identifier given by the shop: 1 to 200 characters, kept as it is. */
export function id(max = 200): Scalar<string> {
  return scalar(bounded(1, max), STRING, { type: 'string', minLength: 1, maxLength: max })
}

/** Free text of at most `max` characters; may be empty. */
export function text(max: number): Scalar<string> {
  return scalar(bounded(0, max), STRING, { type: 'string', maxLength: max })
}

/** An absolute or relative URL, at most 2,000 characters; not resolved and not checked further. */
export function url(): Scalar<string> {
  return text(2000)
}

/** RFC 3339 with offset; stored in UTC with milliseconds. */
export function timestamp(): Scalar<string> {
  const error = 'expected an RFC 3339 timestamp with offset, such as 2025-01-15T10:30:00Z'
  return scalar(
    z.string({ error }).refine((value) => parseTimestamp(value) !== undefined, { error }),
    { kind: 'timestamp' },
    { type: 'string', format: 'date-time' },
    'timestamp',
  )
}

/**
 * An amount: a JSON number or decimal string with at most four decimals, |amount| < 10^14. In the published schema
 * `pattern` says all about strings; numbers also have the format `money`: four decimals, or within 1e-9 of them.
 */
export function money(): Scalar<number | string> {
  return scalar(
    z
      .union([z.number(), z.string()], { error: 'expected a number or a decimal string' })
      .refine(isMoney, {
        error:
          'expected an amount with at most four decimals below 10^14; from 10^11 up as a decimal string',
      }),
    MONEY,
    {
      type: ['number', 'string'],
      format: 'money',
      pattern: MONEY_TEXT.source,
      exclusiveMinimum: -MONEY_NUMBER_LIMIT,
      exclusiveMaximum: MONEY_NUMBER_LIMIT,
    },
    'money',
  )
}

/** ISO 4217 alphabetic code; stored in upper case. */
export function currency(): Scalar<string> {
  return scalar(
    z.string({ error: 'expected a currency code' }).regex(/^[A-Za-z]{3}$/, {
      error: 'expected a three-letter ISO 4217 code',
    }),
    STRING,
    { type: 'string', pattern: '^[A-Za-z]{3}$' },
    'upper',
  )
}

/** A whole number within int32. */
export function integer(minimum = -2147483648, maximum = 2147483647): Scalar<number> {
  const message = `expected a whole number from ${minimum} to ${maximum}`
  return scalar(
    z
      .number({ error: message })
      .refine((value) => Number.isInteger(value) && value >= minimum && value <= maximum, {
        error: message,
      }),
    { kind: 'int32' },
    { type: 'integer', minimum, maximum },
  )
}

/** How many: a whole number from 0, or from `minimum`. */
export function count(minimum = 0): Scalar<number> {
  return integer(minimum)
}

export function flag(): Scalar<boolean> {
  return scalar(
    z.boolean({ error: 'expected true or false' }),
    { kind: 'boolean' },
    { type: 'boolean' },
  )
}

/** One word of a closed list. */
export function oneOf<const W extends readonly [string, ...string[]]>(words: W): Scalar<W[number]> {
  return scalar(
    z.enum(words as unknown as [string, ...string[]], {
      error: `expected one of ${words.join(', ')}`,
    }) as unknown as z.ZodType<W[number]>,
    STRING,
    { type: 'string', enum: words },
  )
}

/** An e-mail address or phone number: checked, then only its keyed hash is kept. */
export function contact(max = 320): Scalar<string> {
  return identity(
    scalar(bounded(1, max), STRING, { type: 'string', minLength: 1, maxLength: max }, 'hash'),
  )
}

/** Any JSON object, stored as JSON text. */
export function json(): Scalar<{ [key: string]: unknown }> {
  return scalar(
    z.record(z.string(), z.unknown(), { error: 'expected an object' }),
    { kind: 'json' },
    { type: 'object' },
    'json',
  )
}

/** Named parts; unknown ones are kept as drift, not refused. */
export function struct<F extends Fields>(fields: F): Scalar<ValueOf<F>> {
  return {
    ...scalar(
      objectOf(fields) as unknown as z.ZodType<ValueOf<F>>,
      { kind: 'struct', fields: columnsOf(fields) },
      jsonSchemaOf(fields),
    ),
    fields,
  }
}

/** Between `minimum` and `maximum` structs, in the order given. */
export function listOf<F extends Fields>(
  fields: F,
  minimum: number,
  maximum: number,
): Scalar<ValueOf<F>[]> {
  const message = `expected ${minimum} to ${maximum} entries`
  const element = struct(fields)
  return {
    ...scalar(
      z
        .array(element.check, { error: 'expected a list' })
        .min(minimum, message)
        .max(maximum, message),
      { kind: 'list', element: element.column },
      { type: 'array', items: element.json_schema, minItems: minimum, maxItems: maximum },
    ),
    fields,
  }
}

/** The plain validator of a set of fields: known fields strict, null means absent, unknown ones let through. */
export function objectOf(fields: Fields): z.ZodObject {
  const shape: { [name: string]: z.ZodType } = {}
  for (const [name, field] of Object.entries(fields)) {
    shape[name] = field.required
      ? field.scalar.check
      : field.scalar.check.nullable().exactOptional()
  }
  return z.object(shape, { error: 'expected an object' })
}

/** Columns of a set of fields, in the order they were declared. A hashed contact is stored as `<name>_hash`. */
export function columnsOf(fields: Fields): ColumnField[] {
  return Object.entries(fields).map(([name, field]) => ({
    name: field.scalar.canonical === 'hash' ? `${name}_hash` : name,
    column: field.scalar.column,
    required: field.required,
    description: field.description,
    identity: field.scalar.identity,
  }))
}

export function jsonSchemaOf(fields: Fields): JsonSchema {
  const entries = Object.entries(fields)
  return {
    type: 'object',
    properties: Object.fromEntries(
      entries.map(([name, field]) => [
        name,
        {
          ...(field.required ? field.scalar.json_schema : nullable(field.scalar.json_schema)),
          description: field.description,
        },
      ]),
    ),
    required: entries.filter(([, field]) => field.required).map(([name]) => name),
  }
}

function nullable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] }
}
