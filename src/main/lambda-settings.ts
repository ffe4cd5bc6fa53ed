import { type Config, type RawSettings, resolveConfig } from '../config.ts'
import { ShoplakeError } from '../errors.ts'

/**
 * Environment of the Lambda functions, beside SHOPLAKE_<SETTING> of config.ts. The infrastructure writes these names, the
 * handlers read them. Emulators are reached through AWS_ENDPOINT_URL_KINESIS, _S3, _DYNAMODB and _ATHENA.
 */
export const LAMBDA_ENVIRONMENT = {
  stream: 'SHOPLAKE_STREAM_NAME',
  buckets: 'SHOPLAKE_STREAM_BUCKETS',
  lake_bucket: 'SHOPLAKE_LAKE_BUCKET',
  table: 'SHOPLAKE_STORE_TABLE',
  workgroup: 'SHOPLAKE_ATHENA_WORKGROUP',
  database: 'SHOPLAKE_ATHENA_DATABASE',
  secret: 'SHOPLAKE_SECRET',
  sql_dialect: 'SHOPLAKE_SQL_DIALECT',
} as const

/** Buckets of a stream; fixed when it is made: order, guards and documents of the store rest on it. */
export const DEFAULT_BUCKETS = 16

/** The secret that contacts and erased ids are hashed with, in Secrets Manager: 64 hex digits. `home` is the home's name, such as `shoplake`. */
export function secretName(home: string): string {
  return `${home}/secret`
}

/** The stacks of a home, in the order in which they are made. */
export function stackNames(home: string): readonly [home: string, questions: string] {
  return [home, `${home}-questions`]
}

export interface LambdaSettings {
  readonly config: Config
  readonly stream: string
  readonly buckets: number
  /** The S3 bucket that holds the lake. */
  readonly lake_bucket: string
  readonly table: string
  readonly workgroup: string
  readonly database: string
  /** At least 32 bytes: what contacts and erased ids are hashed with. */
  readonly secret: Uint8Array
  /** What Athena's endpoint speaks: Trino's SQL, unless a stand-in over DuckDB is there. */
  readonly sql_dialect: 'trino' | 'duckdb'
}

const SECRET_BYTES = 32

/**
 * Settings of a function. SHOPLAKE_SECRET is base64 or hex. Throws config_invalid, not retryable, with every problem on its own line. Parts
 * that a function does not use may be absent and are then empty; `needed` names those it uses.
 */
export function readLambdaSettings(
  needed: readonly (keyof typeof LAMBDA_ENVIRONMENT)[],
  environment: RawSettings = process.env,
): LambdaSettings {
  const read = (part: keyof typeof LAMBDA_ENVIRONMENT) =>
    String(environment[LAMBDA_ENVIRONMENT[part]] ?? '')
  const problems = needed
    .filter((part) => read(part) === '')
    .map((part) => `${LAMBDA_ENVIRONMENT[part]} is not set`)
  const resolved = resolveConfig({ environment: withoutOwn(environment) })
  if ('problems' in resolved) problems.push(...resolved.problems)
  const secret = secretOf(read('secret'))
  if (needed.includes('secret') && secret.length < SECRET_BYTES) {
    problems.push(
      `${LAMBDA_ENVIRONMENT.secret} must be at least ${SECRET_BYTES} bytes, as base64 or hex`,
    )
  }
  const buckets = Number(read('buckets') || DEFAULT_BUCKETS)
  if (!Number.isInteger(buckets) || buckets < 1 || buckets > 1024) {
    problems.push(`${LAMBDA_ENVIRONMENT.buckets} must be a whole number from 1 to 1024`)
  }
  const sql_dialect = read('sql_dialect') || 'trino'
  if (sql_dialect !== 'trino' && sql_dialect !== 'duckdb') {
    problems.push(`${LAMBDA_ENVIRONMENT.sql_dialect} must be trino or duckdb`)
  }
  if (problems.length > 0 || !('resolved' in resolved)) {
    throw new ShoplakeError('config_invalid', problems.join('\n'))
  }
  return {
    config: resolved.resolved.config,
    stream: read('stream'),
    buckets,
    lake_bucket: read('lake_bucket'),
    table: read('table'),
    workgroup: read('workgroup'),
    database: read('database'),
    secret,
    sql_dialect: sql_dialect === 'duckdb' ? 'duckdb' : 'trino',
  }
}

/** What is left is settings of the product, where a name that is none is a mistake. */
function withoutOwn(environment: RawSettings): RawSettings {
  const own = new Set<string>(Object.values(LAMBDA_ENVIRONMENT))
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !own.has(name)))
}

function secretOf(text: string): Uint8Array {
  return Buffer.from(text, /^([0-9a-f]{2})+$/i.test(text) ? 'hex' : 'base64')
}
