import type { AddressInfo, Server } from 'node:net'
import dynalite from 'dynalite'
import { buildApp } from 'fauxqs'
import kinesalite from 'kinesalite'
import { holdConditions } from './s3-conditions.ts'

/** A service of AWS emulated in this process, on a port of its own. */
export interface Emulator {
  readonly endpoint: string
  close(): Promise<void>
}

const AT_ONCE = 0

/** Kinesis by kinesalite: limits of calls and records as in AWS, no throttling. Streams change at once. */
export async function startKinesis(): Promise<Emulator> {
  return listening(
    kinesalite({
      createStreamMs: AT_ONCE,
      deleteStreamMs: AT_ONCE,
      updateStreamMs: AT_ONCE,
      shardLimit: 100,
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

async function listening(server: Server): Promise<Emulator> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
