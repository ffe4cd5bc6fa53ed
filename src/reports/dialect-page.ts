import { FUNCTIONS, REFUSED_SYMBOLS, REFUSED_WORDS, TYPES } from './dialect.ts'
import { UNITS } from './header.ts'
import { MACROS } from './macros.ts'
import { METRICS } from './metrics.ts'
import { IMPLIED } from './parameters.ts'

/** Text of docs/reference/dialect.md: the closed list, written from the tables that the compiler uses. */
export function dialectPage(): string {
  return `${[
    '<!-- Written from src/reports/ by `UPDATE_DOCS=1 npx vitest run test/reports/dialect.test.ts`. Do not edit. -->',
    '# The portable dialect',
    'Reports and models are written once and run on DuckDB and on Trino (Athena). What is listed here is all there is; the ' +
      'compiler refuses the rest and says what to write instead. Timestamps are UTC without a zone; `local_date` and ' +
      "`local_hour` are the shop's.",
    HEADER,
    '## Macros',
    'Written in place of what the engines write or mean differently.',
    table(
      ['macro', 'what it gives'],
      MACROS.map((macro) => [
        `\`${macro.name}(${macro.arguments.join(', ')})\``,
        macro.description,
      ]),
    ),
    '## Functions',
    table(
      ['function', 'what it gives'],
      FUNCTIONS.map((entry) => [`\`${entry.name}\``, entry.description]),
    ),
    '## Types',
    `\`CAST\` may name ${TYPES.map((type) => `\`${type}\``).join(', ')}.`,
    '## Parameters',
    'Declared ones are written `:name` and always bound, never put into the text. Every report may also use:',
    table(
      ['parameter', 'what it is'],
      Object.entries(IMPLIED).map(([name, text]) => [`\`:${name}\``, text]),
    ),
    '## What is refused',
    table(
      ['refused', 'instead'],
      [...Object.entries(REFUSED_SYMBOLS), ...Object.entries(REFUSED_WORDS)].map(
        ([name, advice]) => [`\`${name}\``, advice],
      ),
    ),
    '## Metrics',
    'Every number has one definition. A ratio whose denominator is 0 is null.',
    table(
      ['metric', 'definition', 'formula'],
      Object.entries(METRICS).map(([name, metric]) => [
        `\`${name}\``,
        metric.definition,
        metric.formula,
      ]),
    ),
  ].join('\n\n')}\n`
}

const HEADER = `## A report file

A report is one \`.sql\` file: a header of \`-- key: value\` lines (\`--\` and three blanks continue a line), then one SELECT.

\`\`\`sql
-- title: Sales by country
-- question: Where do the orders go?
-- group: sales
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: limit count 1..100 = 10 | How many countries.
-- column: country text | Country
-- column: gross_sales money | Gross sales | gross_sales
-- chart: bar x=country y=gross_sales
-- metrics: gross_sales
-- models: orders
SELECT country, SUM(gross_sales) AS gross_sales
FROM orders
WHERE between_dates(local_date)
GROUP BY country
ORDER BY 2 DESC, 1
LIMIT :limit
\`\`\`

- \`parameter: name type = default | meaning\`; types are \`date\`, \`count 1..9\`, \`choice(a,b)\` and \`text\` (\`""\` for none). \`from\`
  and \`to\` default to the 28 days up to today, other dates to today.
- \`column: name unit | Label | metric\`; units are ${Object.keys(UNITS)
  .map((unit) => `\`${unit}\``)
  .join(', ')}. \`money\` is in the shop's currency.
- \`chart: kind x=column y=column,column series=column\`; kinds are line, bar, funnel, heatmap, scatter, tiles and table.
- \`note:\` may say what a reader must know.

Reports of your own go into \`reports/\` of the data directory.`

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
