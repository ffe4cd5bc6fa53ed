import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** A call on its way to an emulator. */
export interface PassingCall {
  /** Operation of a JSON protocol (`PutRecords`), else the method (`PUT`). */
  readonly operation: string
  readonly path: string
  readonly body: Buffer
}

/**
 * What happens to a call instead of passing: refused with an answer of AWS, dropped before it arrives, lost on the way back
 * (it took effect, and nobody hears of it), or, of PutRecords, some entries refused.
 */
export type Fault =
  | { readonly kind: 'refuse'; readonly status: number; readonly code: string }
  | { readonly kind: 'drop' }
  | { readonly kind: 'lose' }
  | { readonly kind: 'partial'; readonly refuses: (entry: number) => boolean }

export interface FaultProxy {
  readonly endpoint: string
  /** Asked for each call; undefined lets it pass. */
  plan: (call: PassingCall) => Fault | undefined
  /** Faults that were inflicted, by operation. */
  readonly inflicted: Map<string, number>
  close(): Promise<void>
}

/** A proxy in front of an emulator, since none of them fails by itself. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const proxy = {
    plan: (() => undefined) as FaultProxy['plan'],
    inflicted: new Map<string, number>(),
  }
  const agent = new http.Agent({ keepAlive: true })
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const call = callOf(request, Buffer.concat(chunks))
      const fault = proxy.plan(call)
      if (fault) proxy.inflicted.set(call.operation, (proxy.inflicted.get(call.operation) ?? 0) + 1)
      handle({ agent, target, request, response, call, fault }).catch(() => response.destroy())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(proxy, {
    endpoint: `http://127.0.0.1:${port}`,
    async close() {
      agent.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

interface Passing {
  readonly agent: http.Agent
  readonly target: string
  readonly request: http.IncomingMessage
  readonly response: http.ServerResponse
  readonly call: PassingCall
  readonly fault: Fault | undefined
}

function callOf(request: http.IncomingMessage, body: Buffer): PassingCall {
  const target = String(request.headers['x-amz-target'] ?? '')
  const operation = target.split('.').at(-1) || request.method!
  return { operation, path: request.url!, body }
}

async function handle(passing: Passing): Promise<void> {
  const { request, response, call, fault } = passing
  if (fault?.kind === 'drop') {
    request.socket.destroy()
    return
  }
  if (fault?.kind === 'refuse') {
    refuse(response, fault, String(request.headers['x-amz-target'] ?? '') !== '')
    return
  }
  if (fault?.kind === 'partial') {
    await putSome(passing, fault.refuses)
    return
  }
  const answer = await forward(passing, call.body)
  if (fault?.kind === 'lose') {
    request.socket.destroy()
    return
  }
  response.writeHead(answer.status, answer.headers)
  response.end(answer.body)
}

function refuse(
  response: http.ServerResponse,
  { status, code }: { status: number; code: string },
  isJson: boolean,
): void {
  const message = 'inflicted by a test'
  if (isJson) {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
    response.end(JSON.stringify({ __type: code, message }))
    return
  }
  response.writeHead(status, { 'content-type': 'application/xml' })
  response.end(
    `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  )
}

interface Forwarded {
  readonly status: number
  readonly headers: http.OutgoingHttpHeaders
  readonly body: Buffer
}

function forward({ agent, target, request }: Passing, body: Buffer): Promise<Forwarded> {
  const { 'content-length': _length, ...headers } = request.headers
  return new Promise((resolve, reject) => {
    const sent = http.request(
      `${target}${request.url}`,
      { method: request.method!, agent, headers: { ...headers, 'content-length': body.length } },
      (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('end', () => {
          const { 'transfer-encoding': _encoding, ...kept } = answer.headers
          resolve({ status: answer.statusCode!, headers: kept, body: Buffer.concat(chunks) })
        })
        answer.on('error', reject)
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Lets the entries of a PutRecords through that are not refused, and answers for all of them as Kinesis does. */
async function putSome(passing: Passing, refuses: (entry: number) => boolean): Promise<void> {
  const { call, response } = passing
  const sent = JSON.parse(call.body.toString()) as { Records: unknown[] }
  const passed = sent.Records.filter((_, entry) => !refuses(entry))
  const results: unknown[] = []
  if (passed.length > 0) {
    const answer = await forward(passing, Buffer.from(JSON.stringify({ ...sent, Records: passed })))
    results.push(...(JSON.parse(answer.body.toString()) as { Records: unknown[] }).Records)
  }
  const Records = sent.Records.map((_, entry) =>
    refuses(entry)
      ? {
          ErrorCode: 'ProvisionedThroughputExceededException',
          ErrorMessage: 'Rate exceeded for shard',
        }
      : results.shift(),
  )
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
  response.end(JSON.stringify({ FailedRecordCount: sent.Records.length - passed.length, Records }))
}
