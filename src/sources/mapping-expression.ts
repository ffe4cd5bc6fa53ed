import { formatMoney, parseMoney } from '../schema/money.ts'
import { parseTimestamp } from '../schema/timestamp.ts'
import { localTimeReader } from './mapping-time.ts'

/** A row of a file: where its text begins, and its values by column. */
export interface SourceRow {
  /** From 1; the header of a CSV is line 1. */
  readonly line: number
  readonly values: { readonly [column: string]: unknown }
}

/** What an expression gives: undefined is absent; a bigint is an amount in ten-thousandths. */
export type Value =
  | string
  | number
  | boolean
  | bigint
  | undefined
  | Value[]
  | { [name: string]: Value }

/** Evaluated over the rows of a group; a column is the first row's. Throws RowProblem. */
export type Expression = (rows: readonly SourceRow[]) => Value

export type Condition = (rows: readonly SourceRow[]) => boolean

/** Why a row does not fit the mapping: caught by `mapRows`, which makes it a refusal. */
export class RowProblem extends Error {}

/** What is wrong with a mapping, and where in its JSON. */
export class MappingProblem extends Error {
  constructor(path: string, message: string) {
    super(`${path}: ${message}`)
  }
}

export interface MappingScope {
  readonly time_zone: string
  /** Gathers the columns of a row that expressions read. */
  readonly reads: Set<string>
}

type Json = { readonly [key: string]: unknown }
type Compiler = (json: Json, path: string, scope: MappingScope) => Expression

/** Every kind of expression, by the key that names it. The closed list of docs/guides/import.md. */
const EXPRESSIONS: { readonly [key: string]: Compiler } = {
  column: compileColumn,
  constant: compileConstant,
  concat: compileConcat,
  trim: (json, path, scope) => {
    const inner = expressionAt(json, 'trim', path, scope)
    return (rows) => textOf(inner(rows))?.trim() || undefined
  },
  whole: (json, path, scope) => {
    const inner = expressionAt(json, 'whole', path, scope)
    return (rows) => wholeOf(inner(rows))
  },
  decimal: compileDecimal,
  negate: (json, path, scope) => {
    const inner = expressionAt(json, 'negate', path, scope)
    return (rows) => negated(inner(rows))
  },
  multiply: compileMultiply,
  date: compileDate,
  when: compileWhen,
  sum: compileSum,
  earliest: (json, path, scope) => {
    const inner = expressionAt(json, 'earliest', path, scope)
    return (rows) => texts(rows, inner).sort()[0]
  },
  each: compileEach,
  object: (json, path, scope) => {
    const fields = compileFields(json.object, `${path}.object`, scope)
    return (rows) => fields(rows)
  },
}

const EXPRESSION_KEYS = Object.keys(EXPRESSIONS)
/** What may stand beside an expression's own key. */
const BESIDE: { readonly [key: string]: readonly string[] } = {
  decimal: ['mark'],
  date: ['form'],
  when: ['then', 'else'],
  sum: ['of'],
  each: ['of'],
}

/** A misspelt key is told: passed over it would change what every row becomes. Throws MappingProblem. */
export function onlyKeys(json: Json, known: readonly string[], path: string): void {
  const strange = Object.keys(json).find((key) => !known.includes(key))
  if (strange !== undefined)
    throw new MappingProblem(path, `unknown key "${strange}"; known are ${known.join(', ')}`)
}

/** Compiles one expression. Throws MappingProblem with its place in the JSON. */
export function compileExpression(json: unknown, path: string, scope: MappingScope): Expression {
  if (!isObject(json))
    throw new MappingProblem(path, 'expected an object such as {"column": "Name"}')
  const key = Object.keys(json)[0] ?? ''
  const compiler = Object.hasOwn(EXPRESSIONS, key) ? EXPRESSIONS[key] : undefined
  if (!compiler) {
    throw new MappingProblem(
      path,
      `unknown expression "${key}"; known are ${EXPRESSION_KEYS.join(', ')}`,
    )
  }
  onlyKeys(json, [key, ...(BESIDE[key] ?? [])], path)
  return compiler(json, path, scope)
}

/** Compiles named expressions into one object; absent values are left out, and so is an object without any. */
export function compileFields(
  json: unknown,
  path: string,
  scope: MappingScope,
): (rows: readonly SourceRow[]) => { [name: string]: Value } | undefined {
  if (!isObject(json)) throw new MappingProblem(path, 'expected an object of named expressions')
  const fields = Object.entries(json).map(
    ([name, inner]) => [name, compileExpression(inner, `${path}.${name}`, scope)] as const,
  )
  return (rows) => {
    const object: { [name: string]: Value } = {}
    for (const [name, expression] of fields) {
      const value = named(name, () => expression(rows))
      if (value !== undefined) object[name] = value
    }
    return Object.keys(object).length > 0 ? object : undefined
  }
}

/** Compiles a condition; absent always holds. Throws MappingProblem. */
export function compileCondition(json: unknown, path: string, scope: MappingScope): Condition {
  if (json === undefined) return () => true
  if (!isObject(json))
    throw new MappingProblem(path, 'expected a condition such as {"equals": [a, b]}')
  const key = Object.keys(json)[0] ?? ''
  if (key === 'not') {
    const inner = compileCondition(json.not, `${path}.not`, scope)
    return (rows) => !inner(rows)
  }
  if (key === 'all' || key === 'any') {
    const parts = listAt(json, key, path).map((part, index) =>
      compileCondition(part, `${path}.${key}.${index}`, scope),
    )
    return (rows) =>
      key === 'all' ? parts.every((part) => part(rows)) : parts.some((part) => part(rows))
  }
  if (key === 'empty') {
    const inner = expressionAt(json, 'empty', path, scope)
    return (rows) => inner(rows) === undefined
  }
  return compileComparison(json, key, path, scope)
}

function compileComparison(json: Json, key: string, path: string, scope: MappingScope): Condition {
  const compare = COMPARISONS[key]
  if (!compare || !Object.hasOwn(COMPARISONS, key)) {
    const known = ['all', 'any', 'not', 'empty', ...Object.keys(COMPARISONS)]
    throw new MappingProblem(path, `unknown condition "${key}"; known are ${known.join(', ')}`)
  }
  const sides = listAt(json, key, path)
  if (sides.length !== 2) throw new MappingProblem(path, `"${key}" compares two expressions`)
  const [left, right] = sides.map((side, index) =>
    compileExpression(side, `${path}.${key}.${index}`, scope),
  ) as [Expression, Expression]
  return (rows) => compare(left(rows), right(rows))
}

const COMPARISONS: { readonly [key: string]: (a: Value, b: Value) => boolean } = {
  equals: (a, b) => textOf(a) === textOf(b),
  starts_with: (a, b) => (textOf(a) ?? '').startsWith(textOf(b) ?? ''),
  greater: (a, b) => numeric(a) > numeric(b),
  less: (a, b) => numeric(a) < numeric(b),
}

function compileColumn(json: Json, path: string, scope: MappingScope): Expression {
  const column = json.column
  if (typeof column !== 'string') throw new MappingProblem(path, 'the column must be a text')
  scope.reads.add(column)
  return (rows) => columnValue(rows[0]!.values, column)
}

/** A column's value, or that of a path such as `address.city`; empty text is absent. */
function columnValue(values: SourceRow['values'], column: string): Value {
  let value: unknown = Object.hasOwn(values, column) ? values[column] : undefined
  if (value === undefined && column.includes('.')) {
    value = column
      .split('.')
      .reduce<unknown>(
        (inner, part) => (isObject(inner) && Object.hasOwn(inner, part) ? inner[part] : undefined),
        values,
      )
  }
  return value === null || value === '' ? undefined : (value as Value)
}

function compileConstant(json: Json, path: string): Expression {
  const value = json.constant
  if (!['string', 'number', 'boolean'].includes(typeof value)) {
    throw new MappingProblem(path, 'a constant is a text, a number, true or false')
  }
  return () => value as Value
}

function compileConcat(json: Json, path: string, scope: MappingScope): Expression {
  const parts = listAt(json, 'concat', path).map((part, index) =>
    compileExpression(part, `${path}.concat.${index}`, scope),
  )
  return (rows) => parts.map((part) => textOf(part(rows)) ?? '').join('') || undefined
}

/** With `"mark": ","` a text such as 1.234,50: points may group thousands, and stand nowhere else. */
function compileDecimal(json: Json, path: string, scope: MappingScope): Expression {
  const inner = expressionAt(json, 'decimal', path, scope)
  const { mark = '.' } = json
  if (mark !== '.' && mark !== ',') throw new MappingProblem(path, 'the mark is "." or ","')
  if (mark === '.') return (rows) => decimalOf(inner(rows))
  return (rows) => {
    const value = inner(rows)
    if (typeof value !== 'string') return decimalOf(value)
    const text = value.trim()
    if (text !== '' && !/^[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d*)?$/.test(text))
      throw new RowProblem(`"${text.slice(0, 40)}" is not a decimal such as 1.234,50`)
    return decimalOf(text.replaceAll('.', '').replace(',', '.'))
  }
}

function compileMultiply(json: Json, path: string, scope: MappingScope): Expression {
  const parts = listAt(json, 'multiply', path).map((part, index) =>
    compileExpression(part, `${path}.multiply.${index}`, scope),
  )
  return (rows) => {
    let product = 10_000n
    for (const part of parts) {
      const factor = decimalOf(part(rows))
      if (factor === undefined) return undefined
      product *= factor
      if (product % 10_000n !== 0n) throw new RowProblem('a product has more than four decimals')
      product /= 10_000n
    }
    return product
  }
}

function compileDate(json: Json, path: string, scope: MappingScope): Expression {
  const inner = expressionAt(json, 'date', path, scope)
  const form = json.form
  if (form === undefined) return (rows) => checkedTimestamp(textOf(inner(rows)))
  if (typeof form !== 'string') throw new MappingProblem(path, 'the form must be a text')
  let read: ReturnType<typeof localTimeReader>
  try {
    read = localTimeReader(form, scope.time_zone)
  } catch (cause) {
    throw new MappingProblem(path, (cause as Error).message)
  }
  return (rows) => {
    const text = textOf(inner(rows))
    if (text === undefined) return undefined
    const moment = read(text)
    if (moment === undefined)
      throw new RowProblem(`"${text.slice(0, 40)}" is not a time such as ${form}`)
    return moment
  }
}

function checkedTimestamp(text: string | undefined): string | undefined {
  if (text === undefined || parseTimestamp(text) !== undefined) return text
  throw new RowProblem(`"${text.slice(0, 40)}" is not an RFC 3339 timestamp with offset`)
}

function compileWhen(json: Json, path: string, scope: MappingScope): Expression {
  const condition = compileCondition(json.when, `${path}.when`, scope)
  const yes = expressionAt(json, 'then', path, scope)
  const no = json.else === undefined ? () => undefined : expressionAt(json, 'else', path, scope)
  return (rows) => (condition(rows) ? yes(rows) : no(rows))
}

function compileSum(json: Json, path: string, scope: MappingScope): Expression {
  const inner = expressionAt(json, 'sum', path, entryScope(json, scope))
  const rowsOf = compileOf(json, path, scope)
  return (rows) => {
    let sum = 0n
    for (const row of rowsOf(rows)) sum += decimalOf(inner([row])) ?? 0n
    return sum
  }
}

function compileEach(json: Json, path: string, scope: MappingScope): Expression {
  const fields = compileFields(json.each, `${path}.each`, entryScope(json, scope))
  const rowsOf = compileOf(json, path, scope)
  return (rows) => rowsOf(rows).map((row, index) => named(String(index), () => fields([row]) ?? {}))
}

/** Columns within `of` are those of a list's entries, not of the row. */
function entryScope(json: Json, scope: MappingScope): MappingScope {
  return json.of === undefined ? scope : { ...scope, reads: new Set() }
}

/** The rows that `sum` and `each` go over: those of the group, or the entries of a list that a row holds. */
function compileOf(json: Json, path: string, scope: MappingScope) {
  if (json.of === undefined) return (rows: readonly SourceRow[]) => rows
  const list = expressionAt(json, 'of', path, scope)
  return (rows: readonly SourceRow[]): readonly SourceRow[] => {
    const entries = list(rows) ?? []
    if (!Array.isArray(entries)) throw new RowProblem('expected a list')
    return entries.map((values) => {
      if (!isObject(values)) throw new RowProblem('expected a list of objects')
      return { line: rows[0]!.line, values }
    })
  }
}

function texts(rows: readonly SourceRow[], inner: Expression): string[] {
  return rows.map((row) => textOf(inner([row]))).filter((text) => text !== undefined)
}

function textOf(value: Value): string | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'bigint') return formatMoney(value)
  if (typeof value === 'object') throw new RowProblem('expected a text, found a list or an object')
  return String(value)
}

function wholeOf(value: Value): number | undefined {
  const text = textOf(value)?.trim()
  if (text === undefined || text === '') return undefined
  if (!/^[+-]?\d{1,15}(\.0*)?$/.test(text))
    throw new RowProblem(`"${text.slice(0, 40)}" is not a whole number`)
  return Number(text)
}

/** An amount in ten-thousandths. */
function decimalOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint' || value === undefined) return value
  const text = textOf(value)!.trim()
  if (text === '') return undefined
  const plain = text
    .replace(/^\+/, '')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')
  const units = parseMoney(plain)
  if (units === undefined)
    throw new RowProblem(
      `"${text.slice(0, 40)}" is not a decimal with at most four digits after the point`,
    )
  return units
}

function negated(value: Value): Value {
  if (value === undefined) return undefined
  if (typeof value === 'number') return 0 - value
  return 0n - decimalOf(value)!
}

/** For comparisons: absent is an error, since neither answer would be right. */
function numeric(value: Value): bigint {
  const units = decimalOf(value)
  if (units === undefined) throw new RowProblem('a number is missing')
  return units
}

/** Puts the field's name in front of a problem, so that the dead letter says where. */
function named<T>(name: string, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    if (!(cause instanceof RowProblem)) throw cause
    throw new RowProblem(`${name}: ${cause.message}`)
  }
}

function expressionAt(json: Json, key: string, path: string, scope: MappingScope): Expression {
  return compileExpression(json[key], `${path}.${key}`, scope)
}

function listAt(json: Json, key: string, path: string): readonly unknown[] {
  const list = json[key]
  if (!Array.isArray(list) || list.length === 0)
    throw new MappingProblem(path, `"${key}" takes a list`)
  return list
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
