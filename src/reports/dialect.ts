/** Engines that every report and model runs on. */
export type Dialect = 'duckdb' | 'trino'

/** A function that both engines have under one name and with one meaning. */
export interface PortableFunction {
  readonly name: string
  readonly description: string
}

function named(name: string, description: string): PortableFunction {
  return { name, description }
}

/** The closed list of plain functions. A function that is not here, nor a macro, is refused by the compiler. */
export const FUNCTIONS: readonly PortableFunction[] = [
  named('abs', 'Magnitude.'),
  named('bool_and', 'Aggregate: whether all are true.'),
  named('bool_or', 'Aggregate: whether any is true.'),
  named('cast', 'To one of the types listed below.'),
  named('ceil', 'Up to a whole number.'),
  named('coalesce', 'First that is not null.'),
  named('concat', 'Texts joined.'),
  named('count', 'Aggregate.'),
  named('dense_rank', 'Window.'),
  named('first_value', 'Window.'),
  named('floor', 'Down to a whole number.'),
  named('hour', 'Hour of a timestamp, UTC.'),
  named('lag', 'Window.'),
  named('last_value', 'Window.'),
  named('lead', 'Window.'),
  named('length', 'Characters of a text.'),
  named('ln', 'Natural logarithm of a double.'),
  named('lower', 'Text in lower case.'),
  named('max', 'Aggregate.'),
  named('min', 'Aggregate.'),
  named('mod', 'Remainder of whole numbers.'),
  named('month', 'Month of a date.'),
  named('ntile', 'Window.'),
  named('nullif', 'Null where both are equal.'),
  named('power', 'A double to a power.'),
  named('rank', 'Window.'),
  named('replace', 'Text with a part replaced.'),
  named('round', 'Half away from zero, to some digits.'),
  named('row_number', 'Window.'),
  named('sqrt', 'Square root of a double.'),
  named('starts_with', 'Whether a text begins with another.'),
  named('strpos', 'Place of a text in another, from 1; 0 when absent.'),
  named('substr', 'Part of a text, from 1.'),
  named('sum', 'Aggregate; for whole numbers take sum_whole.'),
  named('trim', 'Text without blanks around it.'),
  named('upper', 'Text in upper case.'),
  named('year', 'Year of a date.'),
]

/** Types that CAST may name. */
export const TYPES = [
  'bigint',
  'boolean',
  'date',
  'decimal',
  'double',
  'integer',
  'timestamp',
  'varchar',
] as const

/** Symbols that mean the same on both engines. */
export const SYMBOLS: ReadonlySet<string> = new Set([
  ...['(', ')', ',', '.', '*', '+', '-', '=', '<>', '!=', '<', '<=', '>', '>=', '||'],
])

/** Words that may stand before an opening parenthesis without being a function. */
export const BEFORE_PARENTHESIS: ReadonlySet<string> = new Set(
  (
    'all and as between by case distinct else end except exists filter from having in inner ' +
    'intersect join left like not on or over select then union using values when where with ' +
    'cross grouping sets rollup decimal'
  ).split(' '),
)

/** What is refused, and what to write instead. */
export const REFUSED_SYMBOLS: { readonly [symbol: string]: string } = {
  '/': 'write ratio(a, b): engines divide integers and decimals differently',
  '//': 'write floor(ratio(a, b))',
  '%': 'write mod(a, b)',
  '::': 'write CAST(x AS type)',
  ';': 'a report is one statement',
  '[': 'lists are read with each_item(list, alias)',
  '{': 'structs cannot be written',
  '->': 'write json_text(column, key)',
  '->>': 'write json_text(column, key)',
  '==': 'write =',
  '**': 'write power(a, b)',
  $: 'parameters are written :name',
  '?': 'parameters are written :name',
}

/** Words of one engine only, and what to write instead. */
export const REFUSED_WORDS: { readonly [word: string]: string } = {
  qualify: 'filter in an outer SELECT',
  exclude: 'list the columns',
  ilike: 'write lower(a) LIKE b',
  similar: 'write LIKE',
  pivot: 'write one aggregate with FILTER per column',
  unpivot: 'write UNION ALL',
  asof: 'join on a range of time',
  semi: 'write EXISTS',
  anti: 'write NOT EXISTS',
  positional: 'join on a key',
  lateral: 'write each_item(list, alias)',
  unnest: 'write each_item(list, alias)',
  tablesample: 'samples are not repeatable',
  current_date: 'write :today',
  current_timestamp: 'write :now',
  now: 'write :now',
  today: 'write :today',
  avg: 'write mean(x): engines differ on decimals',
  greatest: 'write CASE: engines differ on nulls',
  least: 'write CASE: engines differ on nulls',
  date_trunc: 'write period(unit, date)',
  date_diff: 'write days_between(a, b) or ms_between(a, b)',
  strftime: 'write date_text(form, x)',
  date_format: 'write date_text(form, x)',
  percentile_cont: 'write percentile(x, share)',
  quantile_disc: 'write percentile(x, share)',
  approx_percentile: 'write percentile(x, share)',
  approx_distinct: 'write COUNT(DISTINCT x): an estimate differs between engines',
  max_by: 'write latest(x, at, id)',
  min_by: 'write ROW_NUMBER in a subquery',
  any_value: 'write MIN(x): any value is another one each time',
  recursive: 'recursion is not offered',
}
