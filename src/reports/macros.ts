import { EVENTS } from '../schema/registry.ts'
import type { Dialect } from './dialect.ts'

/** What the compiler writes differently for each engine. Arguments come expanded already. */
export interface Macro {
  readonly name: string
  /** Names of the arguments; one that ends in `?` may be left out. */
  readonly arguments: readonly string[]
  readonly description: string
  /** SQL text. Throws a plain Error with advice where an argument does not fit. */
  write(args: readonly string[], dialect: Dialect): string
}

/** Mark of a bound parameter in expanded text; the compiler numbers them last, since a macro may repeat an argument. */
export function parameterMark(name: string): string {
  return `\uE000${name}\uE001`
}

const FORMS: { readonly [form: string]: string } = {
  year: '%Y',
  month: '%Y-%m',
  day: '%Y-%m-%d',
  hour: '%H',
}

const ITEM_COLUMNS = itemColumns()

/** Everything that DuckDB and Trino write or mean differently, and reports may still use. */
export const MACROS: readonly Macro[] = [
  {
    name: 'ratio',
    arguments: ['a', 'b'],
    description: 'a ÷ b as a double; null where b is 0 or null.',
    write: ([a, b]) => `(CAST(${a} AS DOUBLE) / NULLIF(CAST(${b} AS DOUBLE), 0))`,
  },
  {
    name: 'money_ratio',
    arguments: ['a', 'b'],
    description:
      'Money a ÷ a whole number b that is not negative, as a decimal of four places, rounded half away from zero; null where b is 0 or null. Exact on both engines, up to 10^24.',
    write: writeMoneyRatio,
  },
  {
    name: 'mean',
    arguments: ['x'],
    description: 'Aggregate: arithmetic mean as a double.',
    write: ([x]) => `AVG(CAST(${x} AS DOUBLE))`,
  },
  {
    name: 'sum_whole',
    arguments: ['x'],
    description: 'Aggregate: sum of whole numbers as a bigint.',
    write: ([x]) => `CAST(SUM(${x}) AS BIGINT)`,
  },
  {
    name: 'percentile',
    arguments: ['x', 'share'],
    description:
      'Aggregate: the value of rank ceil(share × count), an existing one; share is a decimal from 0 to 1. Exact on both engines.',
    write: writePercentile,
  },
  {
    name: 'in_shop_currency',
    arguments: ['amount', 'rate'],
    description:
      'The amount times a rate of nine decimals, rounded to four, half away from zero; null without a rate. From 10^12 up by way of a double.',
    write: ([amount, rate]) =>
      `CASE WHEN ${rate} = 1 THEN CAST(${amount} AS DECIMAL(38, 4)) ` +
      `WHEN ABS(${amount}) < 1000000000000 THEN CAST(ROUND(CAST(${amount} AS DECIMAL(28, 4)) * CAST(${rate} AS DECIMAL(18, 9)), 4) AS DECIMAL(38, 4)) ` +
      `ELSE CAST(ROUND(CAST(${amount} AS DOUBLE) * ${rate}, 4) AS DECIMAL(38, 4)) END`,
  },
  {
    name: 'latest',
    arguments: ['x', 'at', 'id?'],
    description:
      'Aggregate: the x that is not null with the highest at, among equal ones with the highest id. Without id no two may be at the same.',
    write: ([x, at, id]) =>
      `MAX_BY(${x}, ${id ? `ROW(${at}, ${id})` : at}) FILTER (WHERE ${x} IS NOT NULL)`,
  },
  {
    name: 'earliest',
    arguments: ['x', 'at', 'id'],
    description:
      'Aggregate: the x that is not null with the lowest at, among equal ones with the lowest id.',
    write: ([x, at, id]) => `MIN_BY(${x}, ROW(${at}, ${id})) FILTER (WHERE ${x} IS NOT NULL)`,
  },
  {
    name: 'each_item',
    arguments: ['list', 'alias'],
    description: `After CROSS JOIN: one row per entry of an items list, columns ${ITEM_COLUMNS.join(', ')}.`,
    write: writeEachItem,
  },
  {
    name: 'sum_items',
    arguments: ['list', 'alias', 'x'],
    description:
      'Sum of x over the entries of an items list, as a decimal of four places; alias names the entry in x. 0 where there is none.',
    write: writeSumItems,
  },
  {
    name: 'each_day',
    arguments: ['first', 'last', 'alias'],
    description: 'In FROM: one row per calendar day from first to last, column day.',
    write: ([first, last, alias], dialect) =>
      dialect === 'duckdb'
        ? `(SELECT CAST(UNNEST(GENERATE_SERIES(${first}, ${last}, INTERVAL '1' DAY)) AS DATE) AS day) AS ${alias}`
        : `(SELECT day FROM UNNEST(SEQUENCE(${first}, ${last}, INTERVAL '1' DAY)) AS u (day)) AS ${alias}`,
  },
  {
    name: 'json_text',
    arguments: ['column', 'key'],
    description:
      'Text of a top-level key of a JSON column; the key as a text of letters, digits, _.',
    write: writeJsonText,
  },
  {
    name: 'each_key',
    arguments: ['column', 'alias'],
    description: 'After CROSS JOIN: one row per top-level key of a JSON column, column key.',
    write: ([column, alias], dialect) =>
      dialect === 'duckdb'
        ? `LATERAL (SELECT UNNEST(JSON_KEYS(${column})) AS key) AS ${alias}`
        : `UNNEST(MAP_KEYS(CAST(JSON_PARSE(${column}) AS MAP(VARCHAR, JSON)))) AS ${alias} (key)`,
  },
  {
    name: 'period',
    arguments: ['unit', 'date'],
    description:
      "First day of the date's unit: 'day', 'week' (from Monday), 'month', 'quarter' or 'year'.",
    write: ([unit, date]) => `CAST(DATE_TRUNC(${unit}, ${date}) AS DATE)`,
  },
  {
    name: 'date_text',
    arguments: ['form', 'x'],
    description: "Text of a date or timestamp; form is 'year', 'month', 'day' or 'hour'.",
    write: writeDateText,
  },
  {
    name: 'days_between',
    arguments: ['a', 'b'],
    description: 'Calendar days from a to b, negative when b is earlier.',
    write: ([a, b]) => `DATE_DIFF('day', CAST(${a} AS DATE), CAST(${b} AS DATE))`,
  },
  {
    name: 'months_between',
    arguments: ['a', 'b'],
    description: "Calendar months from a's month to b's month.",
    write: ([a, b]) => `((YEAR(${b}) * 12 + MONTH(${b})) - (YEAR(${a}) * 12 + MONTH(${a})))`,
  },
  {
    name: 'ms_between',
    arguments: ['a', 'b'],
    description: 'Milliseconds from timestamp a to timestamp b.',
    write: ([a, b]) => `DATE_DIFF('millisecond', ${a}, ${b})`,
  },
  {
    name: 'add_days',
    arguments: ['date', 'days'],
    description: 'The date some days later.',
    write: ([date, days], dialect) =>
      dialect === 'duckdb'
        ? `CAST(${date} + TO_DAYS(CAST(${days} AS INTEGER)) AS DATE)`
        : `DATE_ADD('day', ${days}, ${date})`,
  },
  {
    name: 'weekday',
    arguments: ['date'],
    description: '1 for Monday to 7 for Sunday.',
    write: ([date], dialect) => (dialect === 'duckdb' ? `ISODOW(${date})` : `DAY_OF_WEEK(${date})`),
  },
  {
    name: 'between_dates',
    arguments: ['local_date', 'dt?'],
    description:
      "Whether a shop-local date lies in the report's :from to :to. With dt also the partitions are cut: one day more on each side, since dt is the day in UTC.",
    write: ([date, dt]) =>
      `(${date} BETWEEN ${parameterMark('from')} AND ${parameterMark('to')}` +
      (dt ? ` AND ${dt} BETWEEN ${parameterMark('dt_from')} AND ${parameterMark('dt_to')})` : ')'),
  },
]

/** DuckDB divides decimals as doubles, so it divides whole units there, with half the divisor added. */
function writeMoneyRatio([a, b]: readonly string[], dialect: Dialect): string {
  if (dialect === 'trino') {
    const divisor = `CAST(NULLIF(${b}, 0) AS DECIMAL(18, 0))`
    return `CAST(CAST(${a} AS DECIMAL(38, 4)) / ${divisor} AS DECIMAL(38, 4))`
  }
  const units = `CAST(ABS(CAST(${a} AS DECIMAL(28, 4))) * CAST(10000 AS DECIMAL(5, 0)) AS HUGEINT)`
  const divisor = `CAST(${b} AS HUGEINT)`
  const rounded = `((2 * ${units} + ${divisor}) // (2 * NULLIF(${divisor}, 0)))`
  const signed = `CASE WHEN ${a} < 0 THEN -1 ELSE 1 END * ${rounded}`
  return `(CAST(${signed} AS DECIMAL(34, 0)) * CAST(0.0001 AS DECIMAL(4, 4)))`
}

function writePercentile(args: readonly string[], dialect: Dialect): string {
  const [x, share] = args
  if (!/^(0|1|0\.\d+)$/.test(share!)) throw new Error('share must be a decimal from 0 to 1')
  if (dialect === 'duckdb') return `QUANTILE_DISC(${x}, ${share})`
  const rank = `CAST(CEIL(COUNT(${x}) * DECIMAL '${share}') AS BIGINT)`
  return (
    `ELEMENT_AT(ARRAY_SORT(ARRAY_AGG(${x}) FILTER (WHERE ${x} IS NOT NULL)), ` +
    `CASE WHEN ${rank} < 1 THEN 1 ELSE ${rank} END)`
  )
}

function writeEachItem([list, alias]: readonly string[], dialect: Dialect): string {
  if (dialect === 'trino') return `UNNEST(${list}) AS ${alias} (${ITEM_COLUMNS.join(', ')})`
  const fields = ITEM_COLUMNS.map((name) => `u.item.${name} AS ${name}`)
  return `LATERAL (SELECT ${fields.join(', ')} FROM (SELECT UNNEST(${list}) AS item) AS u) AS ${alias}`
}

function writeSumItems([list, alias, x]: readonly string[], dialect: Dialect): string {
  const value = `CAST(${x} AS DECIMAL(38, 4))`
  return dialect === 'duckdb'
    ? `COALESCE(LIST_SUM(LIST_TRANSFORM(${list}, lambda ${alias}: ${value})), 0)`
    : `COALESCE(REDUCE(${list}, CAST(0 AS DECIMAL(38, 4)), (s, ${alias}) -> s + COALESCE(${value}, 0), s -> s), 0)`
}

function writeJsonText([column, key]: readonly string[], dialect: Dialect): string {
  const name = /^'(\w+)'$/.exec(key!)?.[1]
  if (!name) throw new Error("the key must be a text such as 'colour'")
  const read = dialect === 'duckdb' ? 'JSON_EXTRACT_STRING' : 'JSON_EXTRACT_SCALAR'
  return `${read}(${column}, '$.${name}')`
}

function writeDateText([form, x]: readonly string[], dialect: Dialect): string {
  const pattern = FORMS[/^'(\w+)'$/.exec(form!)?.[1] ?? '']
  if (!pattern) throw new Error(`the form must be one of '${Object.keys(FORMS).join("', '")}'`)
  return dialect === 'duckdb'
    ? `STRFTIME(${x}, '${pattern}')`
    : `DATE_FORMAT(CAST(${x} AS TIMESTAMP), '${pattern}')`
}

function itemColumns(): string[] {
  const fields = EVENTS.order_created.fields.items?.scalar.fields ?? {}
  return Object.keys(fields)
}
