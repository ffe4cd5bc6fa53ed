import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** An account as far as the commands about a whole home ask it: CloudFormation, Secrets Manager, and S3's versions, by their protocols. */
export interface AccountStandIn {
  readonly endpoint: string
  /** By name; a deleted one stays, as CloudFormation remembers it. */
  readonly stacks: Map<string, StandInStack>
  readonly secrets: Map<string, string>
  /** Bucket → versions that it holds. */
  readonly buckets: Map<string, { Key: string; VersionId: string; isMarker?: boolean }[]>
  /** What was done that changes something, in order. */
  readonly done: string[]
  close(): Promise<void>
}

export interface StandInStack {
  status: string
  readonly outputs: { readonly [name: string]: string }
  readonly resources: readonly { readonly type: string; readonly id: string }[]
}

/** Versions that one page of S3 gives. */
const PAGE = 3

export async function startAccount(): Promise<AccountStandIn> {
  const account = {
    ...{ stacks: new Map<string, StandInStack>(), secrets: new Map<string, string>() },
    ...{ buckets: new Map(), done: [] as string[] },
  } satisfies Omit<AccountStandIn, 'endpoint' | 'close'>
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      const { status, text } = answer(account, request, body)
      const type = text.startsWith('{') ? 'application/x-amz-json-1.1' : 'text/xml'
      response.writeHead(status, { 'content-type': type }).end(text)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    ...account,
    endpoint: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

type State = Omit<AccountStandIn, 'endpoint' | 'close'>
type Answer = { status: number; text: string }

function answer(account: State, request: http.IncomingMessage, body: string): Answer {
  const target = request.headers['x-amz-target']
  if (typeof target === 'string') return secretAnswer(account, target.split('.')[1]!, body)
  if (body.startsWith('Action=')) return stackAnswer(account, new URLSearchParams(body))
  return bucketAnswer(account, request, body)
}

function secretAnswer({ secrets, done }: State, action: string, body: string): Answer {
  const { SecretId, Name, SecretString } = JSON.parse(body) as { [field: string]: string }
  const name = SecretId ?? Name!
  if (action === 'CreateSecret') secrets.set(name, SecretString!)
  const held = secrets.get(name)
  if (held === undefined) {
    return { status: 400, text: JSON.stringify({ __type: 'ResourceNotFoundException' }) }
  }
  if (action === 'DeleteSecret') secrets.delete(name)
  if (action !== 'GetSecretValue') done.push(`${action} ${name}`)
  return { status: 200, text: JSON.stringify({ Name: name, SecretString: held }) }
}

function stackAnswer({ stacks, done }: State, asked: URLSearchParams): Answer {
  const action = asked.get('Action')!
  const name = asked.get('StackName')?.replace(/^arn:/, '') ?? ''
  const byArn = asked.get('StackName')?.startsWith('arn:') ?? false
  if (action === 'ListStacks') {
    const gone = [...stacks].filter(([, { status }]) => status === 'DELETE_COMPLETE')
    return xml(action, `<StackSummaries>${gone.map(summaryXml).join('')}</StackSummaries>`)
  }
  const stack = stacks.get(name)
  if (!stack || (stack.status === 'DELETE_COMPLETE' && !byArn)) {
    const message = `Stack with id ${name} does not exist`
    const error = `<Error><Code>ValidationError</Code><Message>${message}</Message></Error>`
    return { status: 400, text: `<ErrorResponse>${error}</ErrorResponse>` }
  }
  if (action === 'DescribeStacks') return xml(action, `<Stacks>${stackXml([name, stack])}</Stacks>`)
  if (action === 'DeleteStack') {
    done.push(`DeleteStack ${name}`)
    stack.status = 'DELETE_COMPLETE'
    return xml(action, '')
  }
  const members = stack.resources.map(
    ({ type, id }) =>
      `<member><ResourceType>${type}</ResourceType><PhysicalResourceId>${id}</PhysicalResourceId><ResourceStatus>DELETE_SKIPPED</ResourceStatus></member>`,
  )
  return xml(action, `<StackResourceSummaries>${members.join('')}</StackResourceSummaries>`)
}

function summaryXml([name, { status }]: [string, StandInStack]): string {
  return `<member><StackName>${name}</StackName><StackId>arn:${name}</StackId><StackStatus>${status}</StackStatus></member>`
}

function stackXml([name, stack]: [string, StandInStack]): string {
  const outputs = Object.entries(stack.outputs).map(
    ([key, value]) =>
      `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  )
  return summaryXml([name, stack]).replace(
    '</member>',
    `<Outputs>${outputs.join('')}</Outputs></member>`,
  )
}

function xml(action: string, content: string): Answer {
  return {
    status: 200,
    text: `<${action}Response><${action}Result>${content}</${action}Result></${action}Response>`,
  }
}

function bucketAnswer(
  { buckets, done }: State,
  { method, url }: http.IncomingMessage,
  body: string,
): Answer {
  const { pathname, searchParams } = new URL(url!, 'http://s3')
  const name = pathname.split('/')[1]!
  const versions = buckets.get(name)
  if (!versions) return { status: 404, text: '<Error><Code>NoSuchBucket</Code></Error>' }
  if (method === 'DELETE') {
    if (versions.length > 0)
      return { status: 409, text: '<Error><Code>BucketNotEmpty</Code></Error>' }
    buckets.delete(name)
    done.push(`DeleteBucket ${name}`)
    return { status: 204, text: '' }
  }
  if (searchParams.has('versions')) {
    const page = versions.slice(0, PAGE).map(({ Key, VersionId, isMarker }) => {
      const tag = isMarker ? 'DeleteMarker' : 'Version'
      return `<${tag}><Key>${Key}</Key><VersionId>${VersionId}</VersionId></${tag}>`
    })
    return { status: 200, text: `<ListVersionsResult>${page.join('')}</ListVersionsResult>` }
  }
  for (const [, key, version] of body.matchAll(/<Key>(.*?)<\/Key><VersionId>(.*?)<\/VersionId>/g)) {
    const at = versions.findIndex((one) => one.Key === key && one.VersionId === version)
    if (at >= 0) versions.splice(at, 1)
  }
  return { status: 200, text: '<DeleteResult></DeleteResult>' }
}
