import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AuthorizeAnswer, AuthorizeRequest } from '../../src/main/lambda-authorize.ts'
import type { KinesisEvent } from '../../src/main/lambda-consumer.ts'
import type { GatewayAnswer, GatewayEvent } from '../../src/main/lambda-http.ts'
import { LAMBDA_ENVIRONMENT } from '../../src/main/lambda-settings.ts'
import {
  type DeployedFunction,
  type EventSourceSettings,
  type SynthesizedHome,
  synthesizeHome,
} from './synthesized.ts'

export type ConsumerName = 'write-lake' | 'update-store'
export type Handle<E, A> = (event: E) => Promise<A>
export type Service = 'kinesis' | 's3' | 'dynamodb' | 'athena'

/** Every function of the template, as it is deployed; each is loaded with its first call. */
export interface Functions {
  readonly collect: Handle<GatewayEvent, GatewayAnswer>
  readonly read: Handle<GatewayEvent, GatewayAnswer>
  readonly authorize: Handle<AuthorizeRequest, AuthorizeAnswer>
  readonly compact: (event?: { readonly upkeep?: boolean }) => Promise<unknown>
  readonly consumers: { readonly [N in ConsumerName]: Handle<KinesisEvent, unknown> }
  /** How the template's event source mappings call the consumers. */
  readonly sources: { readonly [N in ConsumerName]: EventSourceSettings }
  /** Where each bundle lies. */
  readonly assets: { readonly [name: string]: string }
  close(): Promise<void>
}

export interface FunctionsOptions {
  readonly endpoints: { readonly [S in Service]: string }
  readonly stream: string
  readonly table: string
  readonly lake_bucket: string
  readonly buckets: number
  readonly secret: Uint8Array
  /** Environment beyond what the template gives, for every function. */
  readonly environment?: { readonly [name: string]: string }
  /** A line of a function's log; they are dropped unless somebody wants them. */
  log?(line: string): void
}

/** How long compaction waits for readers before it deletes objects, in emulation. */
const READERS_MS = '100'

/** The functions of a synthesized home, from their real bundles, with the template's environment pointed at emulators. */
export async function openFunctions(options: FunctionsOptions): Promise<Functions> {
  const home = await synthesizeHome()
  const environment = environmentOf(home, options)
  Object.assign(process.env, environment)
  const mute = createMute(options.log ?? (() => undefined))
  const load = <E, A>(name: string, own: { readonly [name: string]: string } = {}) =>
    loader<E, A>(home.functions[name]!, own, mute)
  const sourceOf = (name: ConsumerName) => {
    const { source } = home.functions[name]!
    if (!source) throw new Error(`the template calls ${name} by no event source mapping`)
    return source
  }
  return {
    collect: load('collect'),
    read: load('read'),
    authorize: load('authorize'),
    compact: load<Parameters<Functions['compact']>[0], unknown>('compact', {
      SHOPLAKE_SQL_TIMEOUT_MS: READERS_MS,
    }),
    consumers: { 'write-lake': load('write-lake'), 'update-store': load('update-store') },
    sources: { 'write-lake': sourceOf('write-lake'), 'update-store': sourceOf('update-store') },
    assets: Object.fromEntries(
      Object.entries(home.functions).map(([name, { asset }]) => [name, asset]),
    ),
    async close() {
      // The clients of the functions look for credentials when they are first needed, and again.
      for (const name of Object.keys(environment)) delete process.env[name]
      await home.remove()
    },
  }
}

/** What the template says, and for what it refers to, the emulators' names. Throws where it refers to something unknown. */
function environmentOf(
  { functions }: SynthesizedHome,
  options: FunctionsOptions,
): { [name: string]: string } {
  const { endpoints } = options
  const own: { readonly [name: string]: string } = {
    [LAMBDA_ENVIRONMENT.workgroup]: 'shop',
    [LAMBDA_ENVIRONMENT.database]: 'shop',
    [LAMBDA_ENVIRONMENT.buckets]: String(options.buckets),
    [LAMBDA_ENVIRONMENT.table]: options.table,
    [LAMBDA_ENVIRONMENT.stream]: options.stream,
    [LAMBDA_ENVIRONMENT.lake_bucket]: options.lake_bucket,
    [LAMBDA_ENVIRONMENT.secret]: Buffer.from(options.secret).toString('hex'),
    ...options.environment,
  }
  const told: { [name: string]: string } = {}
  for (const { environment } of Object.values(functions)) {
    for (const [name, value] of Object.entries(environment)) {
      const here = own[name] ?? value
      if (here === undefined) throw new Error(`${name} refers to what no emulator has`)
      told[name] = here
    }
  }
  return {
    ...told,
    ...own,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_KINESIS: endpoints.kinesis,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_ATHENA: endpoints.athena,
  }
}

type Mute = <A>(work: () => Promise<A>) => Promise<A>

/** A function that starts with its first call, as Lambda's do. */
function loader<E, A>(
  { asset }: DeployedFunction,
  own: { readonly [name: string]: string },
  mute: Mute,
): Handle<E, A> {
  let started: Promise<Handle<E, A>> | undefined
  const start = async (): Promise<Handle<E, A>> => {
    Object.assign(process.env, own)
    const bundle = await import(pathToFileURL(path.join(asset, 'index.mjs')).href)
    for (const name of Object.keys(own)) delete process.env[name]
    return bundle.handler
  }
  return async (event) => {
    started ??= start()
    const handle = await started
    return mute(() => handle(event))
  }
}

/** A function's log is its standard output: while any runs, lines go to `log` instead. */
function createMute(log: (line: string) => void): Mute {
  const { write } = process.stdout
  let running = 0
  return async (work) => {
    if (running++ === 0) {
      process.stdout.write = (chunk: string | Uint8Array) => {
        for (const line of String(chunk).split('\n')) if (line !== '') log(line)
        return true
      }
    }
    try {
      return await work()
    } finally {
      if (--running === 0) process.stdout.write = write
    }
  }
}
