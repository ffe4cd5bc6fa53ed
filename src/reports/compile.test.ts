import { describe, expect, it } from 'vitest'
import { compileReport, parseReport } from './compile.ts'
import { previousPeriod } from './parameters.ts'

const HEADER = `-- title: A title
-- question: A question?
-- group: sales
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: limit count 1..10 = 5 | How many.
-- parameter: by choice(a,b) = a | What.
-- parameter: term text = "" | Any text.
-- column: n count | Number | orders
-- chart: bar x=n y=n
-- metrics: orders
-- models: orders
`
const LINES = HEADER.split('\n').length - 1
const CLOCK = { today: '2025-01-31', now: Date.parse('2025-01-31T10:00:00.250Z') }
const DUCKDB = { dialect: 'duckdb', ...CLOCK } as const

function compile(sql: string, params = {}) {
  return compileReport(parseReport('a', HEADER + sql), params, DUCKDB)
}

describe('parseReport', () => {
  it('reads the typed header', () => {
    const report = parseReport('a', `${HEADER}SELECT 1 AS n`)
    expect(report.parameters[2]).toEqual({
      name: 'limit',
      type: 'count',
      default: '5',
      description: 'How many.',
      range: [1, 10],
    })
    expect(report.columns).toEqual([
      { name: 'n', unit: 'count', label: 'Number', metric: 'orders' },
    ])
    expect(report.chart).toEqual({ kind: 'bar', x: 'n', y: ['n'] })
    expect(report.sql_line).toBe(LINES + 1)
  })

  it('tells every problem with its line', () => {
    const text = HEADER.replace('n count', 'n apples')
      .replace('y=n', 'y=m')
      .replace('-- group: sales', '-- grp: sales')
    expect(() => parseReport('a', `${text}SELECT 1 AS n`)).toThrow(
      /a\.sql:3: unknown key "grp".*a\.sql:9: expected "name unit \| Label".*a\.sql:10: the chart names "m"/s,
    )
  })

  it('refuses a metric that nobody defined', () => {
    expect(() =>
      parseReport('a', `${HEADER.replace('s: orders', 's: luck')}SELECT 1 AS n`),
    ).toThrow('unknown metric "luck"')
  })

  it.each([
    ['SELECT a / b FROM t', 'ratio(a, b)'],
    ['SELECT a % b FROM t', 'mod(a, b)'],
    ['SELECT a::INT FROM t', 'CAST(x AS type)'],
    ['SELECT epoch_ms(1) FROM t', 'not in the portable dialect'],
    ['SELECT read_csv(1) FROM t', 'not in the portable dialect'],
    ['SELECT t.unnest(a) FROM t', 'each_item'],
    ['SELECT a FROM t QUALIFY 1 = 1', 'outer SELECT'],
    ['SELECT [1, 2] FROM t', 'each_item'],
    ['SELECT CURRENT_DATE', ':today'],
    ['SELECT COUNT(*) FROM t GROUP BY ALL', 'list the columns'],
    ['SELECT CAST(a AS HUGEINT) FROM t', 'CAST may name'],
    ['SELECT INTERVAL 1 DAY', "INTERVAL '1' DAY"],
    ["SELECT E'a'", 'blank is missing'],
    ['SELECT 1; DROP TABLE t', 'one statement'],
    ['FROM t', 'begin with SELECT'],
    ['SELECT $1', ':name'],
    ['SELECT :other', 'unknown parameter :other'],
    ['SELECT ratio(1)', 'ratio takes (a, b)'],
    ['SELECT percentile(a, 95) FROM t', 'decimal from 0 to 1'],
    ["SELECT json_text(a, 'b.c') FROM t", "such as 'colour'"],
    ['SELECT /* hint */ 1', 'as -- lines'],
    ["SELECT 'open", 'is not allowed'],
    ['SELECT 1abc', 'unexpected "1"'],
  ])('refuses %s', (sql, advice) => {
    expect(() => parseReport('a', HEADER + sql)).toThrow(advice)
    expect(() => parseReport('a', HEADER + sql)).toThrow(`a.sql:${LINES + 1}:`)
  })

  it('leaves texts, quoted names and comments alone', () => {
    const sql = `SELECT 'a / b :x' AS "a::b" -- a / b\nFROM t`
    expect(compile(sql).sql).toBe(sql)
  })
})

describe('compileReport', () => {
  it('binds parameters, once each, and casts them', () => {
    const compiled = compile('SELECT :term AS a, :term AS b, :limit AS c FROM t LIMIT :limit', {
      term: "x' OR 1=1 --",
    })
    expect(compiled.sql).toBe(
      'SELECT CAST($1 AS VARCHAR) AS a, CAST($1 AS VARCHAR) AS b, CAST($2 AS INTEGER) AS c FROM t LIMIT $2',
    )
    expect(compiled.params).toEqual(["x' OR 1=1 --", 5])
  })

  it('repeats placeholders in order for Trino, also where a macro repeats its argument', () => {
    const report = parseReport('a', `${HEADER}SELECT months_between(:from, :to) AS n LIMIT :limit`)
    const compiled = compileReport(report, {}, { ...DUCKDB, dialect: 'trino' })
    expect(compiled.sql.match(/\?/g)).toHaveLength(5)
    expect(compiled.sql).toMatch(/LIMIT \?$/)
    expect(compiled.params).toEqual(['2025-01-31', '2025-01-31', '2025-01-04', '2025-01-04', 5])
  })

  it('takes the 28 days up to today when nothing is said', () => {
    expect(compile('SELECT 1 AS n').values).toMatchObject({ from: '2025-01-04', to: '2025-01-31' })
    expect(compile('SELECT 1 AS n', { to: '2024-03-01' }).values.from).toBe('2024-02-03')
  })

  it('cuts partitions one day wider than the local dates', () => {
    const { sql, params } = compile('SELECT 1 FROM t WHERE between_dates(a, dt)', {
      from: '2025-01-01',
      to: '2025-01-02',
    })
    expect(sql).toContain('dt BETWEEN CAST($3 AS DATE) AND CAST($4 AS DATE)')
    expect(params).toEqual(['2025-01-01', '2025-01-02', '2024-12-31', '2025-01-03'])
  })

  it('binds today and now', () => {
    expect(compile('SELECT :today, :now').params).toEqual(['2025-01-31', '2025-01-31 10:00:00.250'])
  })

  it.each([
    [{ from: '2025-02-30' }, 'must be a date'],
    [{ from: '2025-02-01', to: '2025-01-01' }, 'is after'],
    [{ from: '1950-01-01' }, 'more than 3660 days'],
    [{ limit: '11' }, 'from 1 to 10'],
    [{ limit: '1e1' }, 'whole number'],
    [{ by: 'c' }, 'one of a, b'],
    [{ term: 'x'.repeat(501) }, '500 characters'],
    [{ other: 1 }, 'it takes from, to, limit, by, term'],
    [{ __proto__: null, constructor: 'x' }, 'no parameter "constructor"'],
  ])('refuses %j', (params, message) => {
    expect(() => compile('SELECT 1 AS n', params)).toThrow(message)
  })
})

describe('previousPeriod', () => {
  it('goes back whole weeks, so that weekdays meet', () => {
    expect(previousPeriod({ from: '2025-01-04', to: '2025-01-31', limit: 3 })).toEqual({
      from: '2024-12-07',
      to: '2025-01-03',
      limit: 3,
    })
    expect(previousPeriod({ from: '2025-01-01', to: '2025-01-10' })).toEqual({
      from: '2024-12-18',
      to: '2024-12-27',
    })
  })

  it('leaves parameters without a range alone', () => {
    expect(previousPeriod({ as_of: '2025-01-01' })).toEqual({ as_of: '2025-01-01' })
  })
})
