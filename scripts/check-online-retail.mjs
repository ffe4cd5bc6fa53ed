// Compares an imported UCI Online Retail data set with its truth file, figure by figure, to the last decimal.
//   node scripts/check-online-retail.mjs <server URL | data directory> <truth.json>
// A URL is asked over HTTP with the key in SHOPLAKE_KEY (sk_dev when missing); a directory through bin/shoplake.js.
// Exit code 0: all equal, 1: it could not ask, 2: usage, 3: a figure differs.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

/** Decimal text without zeros at its end, so that 1.50 and 1.5000 are one number; other values as text. */
export function plain(value) {
  const text = String(value)
  return /^-?\d+\.\d+$/.test(text) ? text.replace(/0+$/, '').replace(/\.$/, '') : text
}

const STOCK = 'FROM inventory_updated'
const one = (column, rest) => ({ sql: `SELECT ${column} AS v ${rest}`, read: (rows) => rows[0].v })
const reason = (word) =>
  one('COUNT(*)', `${STOCK} WHERE reason IN ('${word.split(' ').join("', '")}')`)
const pairs = (key, value) => (rows) =>
  Object.fromEntries(rows.map((row) => [key(row), row[value]]))
const month = (row) => String(row.month).slice(0, 7)
const sumBy = (key, value) => (rows) => {
  const sums = {}
  for (const row of rows) sums[key(row)] = (sums[key(row)] ?? 0) + Number(row[value])
  return sums
}
const list =
  (...names) =>
  (rows) =>
    rows.map((row) => names.map((name) => row[name]))

/** How each figure of the truth file is asked for: `range` is the first and last day of the data. */
export const FIGURES = {
  rows: one('COUNT(*)', STOCK),
  days: one('COUNT(DISTINCT local_date)', STOCK),
  first_day: one('MIN(local_date)', STOCK),
  last_day: one('MAX(local_date)', STOCK),
  rows_per_day: {
    sql: `SELECT local_date AS d, COUNT(*) AS n ${STOCK} GROUP BY local_date`,
    read: pairs((row) => row.d, 'n'),
  },
  distinct_invoice_no: one('COUNT(DISTINCT order_id)', STOCK),
  distinct_invoices_spanning_two_days_files: one(
    'COUNT(*)',
    `FROM (SELECT order_id ${STOCK} GROUP BY order_id HAVING COUNT(DISTINCT local_date) > 1) AS t`,
  ),
  invoices_with_more_than_one_timestamp: one(
    'COUNT(*)',
    `FROM (SELECT order_id ${STOCK} GROUP BY order_id HAVING COUNT(DISTINCT occurred_at) > 1) AS t`,
  ),
  distinct_stock_code: one('COUNT(DISTINCT product_id)', STOCK),
  distinct_stock_code_upper: one('COUNT(DISTINCT UPPER(product_id))', STOCK),
  distinct_countries: one('COUNT(DISTINCT country)', 'FROM orders'),
  cancel_rows: reason('return'),
  cancel_invoices: one('COUNT(*)', "FROM refunds WHERE reason = 'cancellation'"),
  adjust_bad_debt_rows: one('COUNT(*)', `${STOCK} WHERE order_id LIKE 'A%'`),
  // A write-off takes from the stock, a cancelled sale gives back: both are rows of a negative quantity.
  negative_quantity_rows: one('COUNT(*)', `${STOCK} WHERE delta > 0 OR reason = 'write_off'`),
  negative_quantity_not_cancel_rows: reason('write_off'),
  zero_price_rows: reason('write_off zero_price'),
  negative_price_rows: reason('bad_debt'),
  net_amount_all_rows: {
    report: 'sales_overview',
    read: (rows) => rows[0].net_sales,
  },
  sale_rows: one('COUNT(*)', 'FROM order_items'),
  gross_sales: { report: 'sales_overview', read: (rows) => rows[0].gross_sales },
  gross_sales_excluding_A_invoices: one(
    'SUM(gross_sales)',
    "FROM order_items WHERE order_id NOT LIKE 'A%'",
  ),
  cancelled_amount: one('0 - SUM(amount)', "FROM refunds WHERE reason = 'cancellation'"),
  sale_invoices: { report: 'sales_overview', read: (rows) => rows[0].orders },
  units_sold: { report: 'sales_overview', read: (rows) => rows[0].units },
  orders_per_month: { report: 'sales_by_month', read: pairs(month, 'orders') },
  gross_sales_per_month: { report: 'sales_by_month', read: pairs(month, 'gross_sales') },
  net_amount_per_month: { report: 'sales_by_month', read: pairs(month, 'net_sales') },
  top10_stock_by_gross_sales: {
    report: 'top_products',
    params: { limit: 10 },
    read: list('product_id', 'gross_sales'),
  },
  top10_stock_by_units: {
    report: 'top_products',
    params: { limit: 10, by: 'units' },
    read: list('product_id', 'units'),
  },
  gross_sales_by_country: {
    report: 'sales_by_country',
    read: pairs((row) => row.country, 'gross_sales'),
  },
  sale_invoices_by_country: {
    report: 'sales_by_country',
    read: pairs((row) => row.country, 'orders'),
  },
  sale_invoices_by_hour: {
    report: 'sales_by_hour_weekday',
    read: sumBy((row) => String(row.hour).padStart(2, '0'), 'orders'),
  },
  sale_invoices_by_weekday: {
    report: 'sales_by_hour_weekday',
    read: sumBy((row) => String(row.weekday - 1), 'orders'),
  },
  sale_customers: { report: 'repeat_rate', read: (rows) => rows[0].customers },
  repeat_customers: { report: 'repeat_rate', read: (rows) => rows[0].repeat_customers },
  repeat_customer_rate: {
    report: 'repeat_rate',
    read: (rows) => Number(rows[0].repeat_purchase_rate).toFixed(6),
  },
  rfm_recency_days_quantiles: {
    report: 'rfm_quantiles',
    read: pairs((row) => row.percentile, 'recency_days'),
  },
  rfm_frequency_quantiles: {
    report: 'rfm_quantiles',
    read: pairs((row) => row.percentile, 'frequency'),
  },
  rfm_monetary_quantiles: {
    report: 'rfm_quantiles',
    read: pairs((row) => row.percentile, 'monetary'),
  },
  top10_customers_by_gross_sales: {
    report: 'top_customers',
    params: { limit: 10 },
    read: list('customer_id', 'gross_sales', 'orders'),
  },
  max_row_amount: one('MAX(line_total)', 'FROM order_items'),
  min_row_amount: one(
    'MIN(0 - i.quantity * i.price)',
    'FROM (SELECT UNNEST(items) AS i FROM order_refunded) AS t',
  ),
  net_units_by_stock_top10: {
    sql: `SELECT product_id, SUM(CASE reason WHEN 'write_off' THEN delta ELSE 0 - delta END) AS units ${STOCK} GROUP BY product_id ORDER BY 2 DESC, 1 LIMIT 10`,
    read: list('product_id', 'units'),
  },
}

/** What each report takes instead of a range. */
const AS_OF = new Set(['repeat_rate', 'rfm_quantiles'])

/** Same keys or places and same numbers, at any depth; order of keys does not matter. */
export function same(expected, found) {
  if (typeof expected !== 'object' || expected === null) return plain(expected) === plain(found)
  if (typeof found !== 'object' || found === null) return false
  const keys = Object.keys(expected)
  return (
    keys.length === Object.keys(found).length &&
    keys.every((key) => same(expected[key], found[key]))
  )
}

/**
 * Asks for every figure of the truth. `ask` has sql(text) and report(name, params), both giving rows as objects.
 * Returns one line per figure of the truth: name, expected, found, and equal, which is undefined where nothing is asked.
 */
export async function compareAll(truth, ask) {
  const { first_day, last_day } = truth.figures
  const range = { from: first_day.value, to: last_day.value }
  const lines = []
  const known = new Map()
  for (const [name, { value }] of Object.entries(truth.figures)) {
    const figure = FIGURES[name]
    if (!figure) {
      lines.push({ name, expected: value, found: undefined, equal: undefined })
      continue
    }
    const base = AS_OF.has(figure.report) ? { as_of: last_day.value } : range
    const params = { ...base, ...figure.params }
    const question = figure.sql ?? `${figure.report} ${JSON.stringify(params)}`
    if (!known.has(question)) {
      known.set(
        question,
        figure.sql ? await ask.sql(figure.sql) : await ask.report(figure.report, params),
      )
    }
    const found = figure.read(known.get(question))
    lines.push({ name, expected: value, found, equal: same(value, found) })
  }
  return lines
}

/** `{columns: [{name}], rows: [[…]]}` as rows of named values. */
function rowsOf({ columns, rows, truncated }) {
  if (truncated) throw new Error('a result was cut at the row limit')
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])))
}

function askServer(url) {
  const headers = { 'x-api-key': process.env.SHOPLAKE_KEY ?? 'sk_dev', accept: 'application/json' }
  async function answer(route, init = {}) {
    const response = await fetch(new URL(route, url), {
      ...init,
      headers: { ...headers, ...init.headers },
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${route}: ${response.status} ${text}`)
    return { status: response.status, body: JSON.parse(text) }
  }
  return {
    report: async (name, params) =>
      rowsOf((await answer(`/v1/reports/${name}?${new URLSearchParams(params)}`)).body),
    async sql(text) {
      const sent = { method: 'POST', headers: { 'content-type': 'application/json' } }
      let { status, body } = await answer('/v1/sql', {
        ...sent,
        body: JSON.stringify({ sql: text }),
      })
      const route = `/v1/sql/${body.query_id}`
      while (status === 202) {
        await new Promise((resolve) => setTimeout(resolve, 200))
        ;({ status, body } = await answer(route))
      }
      return rowsOf(body)
    },
  }
}

function askCommand(directory) {
  const bin = fileURLToPath(new URL('../bin/shoplake.js', import.meta.url))
  async function run(args) {
    const options = { maxBuffer: 100_000_000 }
    const all = [bin, ...args, '--json', '--data-dir', directory]
    const { stdout } = await promisify(execFile)(process.execPath, all, options)
    return rowsOf(JSON.parse(stdout))
  }
  return {
    sql: (text) => run(['sql', text]),
    report: (name, { from, to, ...others }) =>
      run([
        ...['report', name],
        ...(from ? ['--from', from, '--to', to] : []),
        ...Object.entries(others).flatMap(([key, value]) => ['--param', `${key}=${value}`]),
      ]),
  }
}

function short(value) {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.length > 40 ? `${text.slice(0, 37)}...` : text
}

/** What differs, entry by entry. */
function differences(line) {
  if (typeof line.expected !== 'object') return []
  const keys = new Set([...Object.keys(line.expected), ...Object.keys(line.found ?? {})])
  return [...keys]
    .filter((key) => !same(line.expected[key], line.found?.[key]))
    .slice(0, 10)
    .map(
      (key) =>
        `    ${key}: expected ${short(line.expected[key])}, found ${short(line.found?.[key])}`,
    )
}

function print(lines) {
  for (const line of lines) {
    const mark = line.equal === undefined ? 'not kept ' : line.equal ? 'equal    ' : 'DIFFERENT'
    const found = line.equal === false ? `  found ${short(line.found)}` : ''
    console.log(`${mark}  ${line.name.padEnd(42)} ${short(line.expected)}${found}`)
    if (line.equal === false) for (const text of differences(line)) console.log(text)
  }
  const count = (equal) => lines.filter((line) => line.equal === equal).length
  console.log(
    `\n${count(true)} equal, ${count(false)} different, ${count(undefined)} not kept by the import`,
  )
}

async function main([target, truthFile]) {
  if (!target || !truthFile) {
    console.error(
      'usage: node scripts/check-online-retail.mjs <server URL | data directory> <truth.json>',
    )
    return 2
  }
  const truth = JSON.parse(readFileSync(truthFile, 'utf8'))
  const ask = /^https?:/.test(target) ? askServer(target) : askCommand(target)
  const lines = await compareAll(truth, ask)
  print(lines)
  return lines.some((line) => line.equal === false) ? 3 : 0
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    process.exitCode = await main(process.argv.slice(2))
  } catch (error) {
    console.error([error.message, error.cause?.message].filter(Boolean).join(': '))
    process.exitCode = 1
  }
}
