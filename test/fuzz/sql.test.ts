import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ShoplakeError } from '../../src/errors.ts'
import { CANARY, openSandbox, type Sandbox } from '../sql-sandbox/sandbox.ts'
import { runs } from './bytes.ts'

const REFUSALS = ['sql_refused', 'sql_failed', 'sql_limit']
const LIMITS = { timeout_ms: 5000, max_rows: 50 }

const HOSTILE = Object.values(readJson('hostile.json') as { [kind: string]: string[] }).flat()
const HARMLESS = readJson('harmless.json') as string[]

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(path.resolve('test/sql-sandbox', file), 'utf8'))
}

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox()
})
afterAll(() => sandbox.close())

/** Runs a statement that must tell nothing; what came of it. */
async function tryOut(sql: string): Promise<unknown> {
  const answer = await sandbox.run(sql, LIMITS).catch((error: unknown) => error)
  if (!(answer instanceof Error)) {
    expect(JSON.stringify(answer)).not.toContain(CANARY)
    return answer
  }
  expect(answer).toBeInstanceOf(ShoplakeError)
  expect(REFUSALS, answer.message).toContain((answer as ShoplakeError).code)
  // The statement itself may be quoted, never what a file holds.
  expect(answer.message.replaceAll(sql, '')).not.toContain(CANARY)
  return answer
}

/** Nothing was written, changed, loaded, called or left behind. */
async function whileNothingChanges(work: () => Promise<void>): Promise<void> {
  const before = await sandbox.state()
  await work()
  expect(await sandbox.state()).toEqual(before)
  expect(sandbox.left()).toEqual({ leases: 0, stuck: [], callers: 0 })
}

const FILES = ['{inside}', '{outside}', '{dir}/*.parquet', '{dir}/sales.parquet', '/etc/passwd']
const REMOTE = ['http://127.0.0.1:{port}/a.parquet', 's3://bucket/a.csv', 'hf://datasets/a/b.csv']

/** A text in one of the ways in which SQL writes it. */
const text = fc
  .tuple(
    fc.constantFrom(...FILES, ...REMOTE),
    fc.constantFrom('plain', 'dollar', 'escaped', 'joined'),
  )
  .map(([value, way]) => {
    if (way === 'dollar') return `$x$${value}$x$`
    if (way === 'escaped') return `E'${value.replaceAll('/', '\\x2f')}'`
    if (way === 'joined') return `'' || '${value}'`
    return `'${value}'`
  })

const reader = fc.constantFrom(
  ...[
    'read_text',
    'read_blob',
    'read_csv',
    'read_csv_auto',
    'read_json',
    'read_json_auto',
    'read_ndjson',
  ],
  ...['read_json_objects', 'read_parquet', 'parquet_scan', 'parquet_metadata', 'parquet_schema'],
  ...[
    'parquet_kv_metadata',
    'glob',
    'sniff_csv',
    'query',
    'query_table',
    'read_duckdb',
    'histogram',
  ],
)

/** Relations that read what is not the lake's. */
const hostileRelation = fc.oneof(
  fc.tuple(reader, text).map(([name, file]) => `${name}(${file})`),
  fc.tuple(reader, text).map(([name, file]) => `system.main."${name}"([${file}])`),
  fc.constantFrom(...FILES, ...REMOTE).map((file) => `'${file}'`),
  fc.constantFrom(...FILES, ...REMOTE).map((file) => `"${file}"`),
  fc.constantFrom(
    ...[
      'duckdb_settings()',
      'duckdb_views()',
      'duckdb_secrets()',
      'pg_catalog.pg_settings',
      'sqlite_master',
    ],
    ...[
      'pragma_database_list()',
      "query('FROM sales')",
      'information_schema.views',
      'duckdb_extensions()',
    ],
    ...[
      '(COPY sales TO $$ {inside} $$)',
      "pragma_storage_info('writable')",
      'enable_logging()',
      'checkpoint()',
    ],
  ),
)

const hostileValue = fc.constantFrom(
  ...[
    "getenv('HOME')",
    "current_setting('allowed_directories')",
    "getvariable('x')",
    'current_query()',
  ],
  ...[
    'setseed(0.5)',
    "write_log('x')",
    'pg_get_viewdef(1)',
    "nextval('s')",
    "json_serialize_plan('FROM sales')",
  ],
)

/** Places where a relation may stand within another. */
const AROUND_RELATION = [
  '(FROM {R})',
  '(SELECT * FROM {R} LIMIT 3)',
  'sales, {R}',
  'sales, LATERAL (FROM {R})',
  'sales JOIN {R} ON true',
  'sales SEMI JOIN (FROM {R}) q ON true',
  '(SELECT 1 UNION ALL SELECT 2 FROM {R})',
  '(WITH a AS (FROM {R}) FROM a)',
  '(WITH RECURSIVE a AS (SELECT 1 x UNION ALL SELECT x FROM a, {R}) FROM a)',
  '(DESCRIBE FROM {R})',
  '(SUMMARIZE FROM {R})',
  '(PIVOT (FROM {R}) ON 1 IN (1) USING count(*))',
  '(UNPIVOT (FROM {R}) ON COLUMNS(*))',
  '(SELECT (SELECT count(*) FROM {R}) AS c)',
  '(VALUES ((SELECT count(*) FROM {R})))',
  '(SELECT n FROM sales WHERE EXISTS (FROM {R}))',
  '(SELECT n FROM sales WHERE n IN (SELECT count(*) FROM {R}))',
  '(SELECT n FROM sales ORDER BY (SELECT count(*) FROM {R}))',
  '(SELECT n FROM sales LIMIT (SELECT count(*) FROM {R}))',
  '(SELECT n FROM sales QUALIFY row_number() OVER (ORDER BY (SELECT count(*) FROM {R})) > 0)',
  '(SELECT count(*) FILTER (n > (SELECT count(*) FROM {R})) FROM sales GROUP BY (SELECT count(*) FROM {R}))',
  '(SELECT list_transform([1], lambda x: x + (SELECT count(*) FROM {R})))',
  '(SELECT CASE WHEN (SELECT count(*) FROM {R}) > 0 THEN 1 END)',
  '(SELECT * REPLACE ((SELECT count(*) FROM {R}) AS n) FROM sales)',
  "(SELECT {'a': [(SELECT count(*) FROM {R})]})",
]
const AROUND_VALUE = [
  '(SELECT {E})',
  '(SELECT max({E}) FROM sales)',
  'range(length({E}))',
  '(SELECT n FROM sales WHERE {E} = 1)',
  '(SELECT [x FOR x IN [{E}]])',
  '(SELECT COLUMNS(*)::VARCHAR || {E} FROM sales)',
]
const WHOLE = [
  'FROM {R}',
  'SELECT * FROM {R}',
  'WITH w AS (SELECT 1) SELECT * FROM w, {R}',
  'TABLE sales UNION ALL BY NAME FROM {R}',
  '(FROM {R}) EXCEPT (SELECT 1)',
  'SELECT count(*) FROM {R} q;',
  'DESCRIBE FROM {R}',
  'SUMMARIZE FROM {R}',
]

const relation = fc.oneof(
  { weight: 4, arbitrary: hostileRelation },
  {
    weight: 1,
    arbitrary: fc
      .tuple(hostileValue, fc.constantFrom(...AROUND_VALUE))
      .map(([value, around]) => around.replace('{E}', () => value)),
  },
)

/** A space may be any of these; letters outside of quotes may be of either case. */
const SPACES = [' ', '\n', '\t', '/**/', ' /* ; */ ', ' -- x\n', '  ']
const QUOTED = /(E?'(?:[^'\\]|\\.)*'|"[^"]*"|\$x\$.*?\$x\$|\$\$.*?\$\$)/

const disguised = fc
  .tuple(
    relation,
    fc.array(fc.constantFrom(...AROUND_RELATION), { maxLength: 4 }),
    fc.constantFrom(...WHOLE),
    fc.infiniteStream(fc.nat(999)),
  )
  .map(([inner, around, whole, draws]) => {
    const nested = around.reduce((held, outer) => outer.replaceAll('{R}', () => held), inner)
    const draw = (among: number) => Number(draws.next().value) % among
    return whole
      .replace('{R}', () => nested)
      .split(QUOTED)
      .map((part, index) => (index % 2 === 1 ? part : disguise(part, draw)))
      .join('')
  })

function disguise(sql: string, draw: (among: number) => number): string {
  return sql
    .replace(/ /g, () => SPACES[draw(SPACES.length)]!)
    .replace(/[a-z]/gi, (letter) => (draw(2) ? letter.toUpperCase() : letter.toLowerCase()))
}

test('what reads files, settings or the network is refused wherever it stands and however it is written', async () => {
  const codes = { sql_refused: 0, others: 0 }
  await whileNothingChanges(() =>
    fc.assert(
      fc.asyncProperty(disguised, async (sql) => {
        const answer = await tryOut(sandbox.fill(sql))
        expect(answer, sql).toBeInstanceOf(ShoplakeError)
        codes[(answer as ShoplakeError).code === 'sql_refused' ? 'sql_refused' : 'others']++
      }),
      runs(400),
    ),
  )
  // Refused by us after the parser has taken it: else this would only show what does not parse.
  expect(codes.sql_refused).toBeGreaterThan(4 * codes.others)
})

const STATEMENTS = [
  "COPY sales TO '{inside}'",
  "COPY writable FROM '{outside}'",
  "ATTACH '{dir}/x.db'",
  "ATTACH 'http://127.0.0.1:{port}/x.db' AS x",
  'DETACH memory',
  'PRAGMA database_list',
  'SET threads = 1',
  'RESET memory_limit',
  'SET enable_external_access = true',
  'SET lock_configuration = false',
  'INSTALL httpfs',
  'LOAD json',
  'INSTALL x FROM $$http://127.0.0.1:{port}$$',
  'CREATE MACRO m() AS 1',
  'CREATE OR REPLACE MACRO abs(x) AS 2',
  "CREATE MACRO t() AS TABLE FROM read_text('{inside}')",
  "CREATE OR REPLACE VIEW sales AS FROM read_text('{inside}')",
  "CREATE TEMP VIEW sales AS FROM '{inside}'",
  'CREATE SECRET s (TYPE s3)',
  'CREATE SCHEMA q',
  "CREATE TABLE t AS FROM '{inside}'",
  'CREATE TYPE e AS ENUM ($$a$$)',
  'DROP VIEW sales',
  'DELETE FROM writable',
  'INSERT INTO writable VALUES (2)',
  'UPDATE writable SET a = 9',
  'EXPLAIN ANALYZE COPY sales TO $${inside}$$',
  'EXPORT DATABASE $${dir}/e$$',
  'CALL enable_logging()',
  'VACUUM',
  'CHECKPOINT',
  'BEGIN',
  'COMMIT',
  'PREPARE p AS SELECT 1',
  'USE memory',
  'SET VARIABLE x = 1',
  'ALTER TABLE writable ADD COLUMN b INT',
]

test('no statement but a SELECT runs, alone, behind another or within one', async () => {
  const statement = fc
    .tuple(
      fc.constantFrom(...STATEMENTS),
      fc.constantFrom(
        '{S}',
        '{S};',
        'SELECT 1; {S}',
        '{S}; SELECT 1',
        '/* SELECT 1 */ {S}',
        '({S})',
        'FROM ({S})',
        'WITH a AS ({S}) FROM a',
        'SELECT ({S})',
        'EXPLAIN {S}',
        'EXPLAIN ANALYZE {S}',
        '-- \n;{S}',
        'SELECT 1 UNION {S}',
        'PREPARE p AS {S}',
        'DESCRIBE {S}',
      ),
      fc.infiniteStream(fc.nat(999)),
    )
    .map(([inner, outer, draws]) => {
      const draw = (among: number) => Number(draws.next().value) % among
      const whole = outer.replace('{S}', () => inner)
      return whole
        .split(QUOTED)
        .map((part, index) => (index % 2 === 1 ? part : disguise(part, draw)))
        .join('')
    })
  await whileNothingChanges(() =>
    fc.assert(
      fc.asyncProperty(statement, async (sql) => {
        expect(await tryOut(sandbox.fill(sql)), sql).toBeInstanceOf(ShoplakeError)
      }),
      runs(250),
    ),
  )
})

test('no noise gets through: only our errors, no canary, no changed file', async () => {
  const words = fc.constantFrom(
    ...'SELECT FROM WITH AS ( ) , ; * 1 n sales \' " -- /* */ $$ COPY TO INTO UNION ALL read_text glob query EXPLAIN ANALYZE LATERAL DESCRIBE . :: IN EXISTS WHERE INSERT DELETE RETURNING PRAGMA SET ATTACH MACRO LOAD \n'.split(
      ' ',
    ),
    ...["'{inside}'", '"{inside}"', "read_text('{outside}')", "COPY sales TO '{inside}'"],
  )
  const noise = fc.oneof(
    fc.array(words, { maxLength: 25 }).map((list) => list.join(' ')),
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc
      .tuple(fc.constantFrom(...HOSTILE, ...HARMLESS), fc.nat(), fc.nat(), words)
      .map(([sql, at, length, word]) => {
        const from = at % (sql.length + 1)
        return `${sql.slice(0, from)}${word}${sql.slice(from + (length % 8))}`
      }),
  )
  await whileNothingChanges(() =>
    fc.assert(
      fc.asyncProperty(noise, async (sql) => void (await tryOut(sandbox.fill(sql)))),
      runs(500),
    ),
  )
})
