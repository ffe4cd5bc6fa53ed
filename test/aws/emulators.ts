import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import dynalite from 'dynalite'
import { buildApp } from 'fauxqs'
import kinesalite from 'kinesalite'
import { holdConditions } from './s3-conditions.ts'

/** A service of AWS emulated in this process, on a port of its own. */
export interface Emulator {
  readonly endpoint: string
  close(): Promise<void>
}

/** The three services on which a home rests; Athena is another matter. */
export interface Emulators {
  readonly endpoints: { readonly [S in 'kinesis' | 's3' | 'dynamodb']: string }
  close(): Promise<void>
}

export async function startEmulators(): Promise<Emulators> {
  const [kinesis, s3, dynamodb] = [await startKinesis(), await startS3(), await startDynamodb()]
  return {
    endpoints: { kinesis: kinesis.endpoint, s3: s3.endpoint, dynamodb: dynamodb.endpoint },
    async close() {
      for (const emulator of [kinesis, s3, dynamodb]) await emulator.close()
    },
  }
}

const AT_ONCE = 0

/** Kinesis by kinesalite: limits of calls and records as in AWS, no throttling. Streams change at once. */
export async function startKinesis(): Promise<Emulator> {
  return listening(
    kinesalite({
      createStreamMs: AT_ONCE,
      deleteStreamMs: AT_ONCE,
      updateStreamMs: AT_ONCE,
      // Over all streams: a test leaves hundreds behind.
      shardLimit: 1_000_000,
    }),
  )
}

/** DynamoDB by dynalite: conditions and limits as in AWS; no transactions, no TTL. */
export async function startDynamodb(): Promise<Emulator> {
  return listening(
    dynalite({ createTableMs: AT_ONCE, deleteTableMs: AT_ONCE, updateTableMs: AT_ONCE }),
  )
}

/** S3 by fauxqs, with the conditional writes that it lacks. */
export async function startS3(): Promise<Emulator> {
  const app = buildApp({ logger: false })
  holdConditions(app)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  return { endpoint: `http://127.0.0.1:${port}`, close: () => app.close() }
}

/** Clients keep connections for as long as they like: one that is closed just as it is used again fails a call. */
const KEEP_ALIVE_MS = 600_000

async function listening(server: Server): Promise<Emulator> {
  server.keepAliveTimeout = KEEP_ALIVE_MS
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
