/** A request as API Gateway's REST API hands it to a function; the parts that are read. */
export interface GatewayEvent {
  readonly httpMethod: string
  readonly path: string
  readonly headers: { readonly [name: string]: string | undefined } | null
  readonly multiValueHeaders?: { readonly [name: string]: readonly string[] | undefined } | null
  readonly multiValueQueryStringParameters?: {
    readonly [name: string]: readonly string[] | undefined
  } | null
  readonly body: string | null
  readonly isBase64Encoded: boolean
}

export interface GatewayAnswer {
  readonly statusCode: number
  readonly headers: { readonly [name: string]: string }
  readonly body: string
  readonly isBase64Encoded: boolean
}

/** The request for the app. Where a header came several times, all its values stand in one, as HTTP has it. */
export function requestOf(event: GatewayEvent): Request {
  const headers = headersOf(event)
  const query = new URLSearchParams()
  for (const [name, values] of Object.entries(event.multiValueQueryStringParameters ?? {})) {
    for (const value of values ?? []) query.append(name, value)
  }
  const search = query.size > 0 ? `?${query}` : ''
  const url = new URL(`https://${headers.get('host') ?? 'localhost'}`)
  const body = bodyOf(event)
  return new Request(`${url.origin}${event.path}${search}`, {
    method: event.httpMethod,
    headers,
    ...(body && event.httpMethod !== 'GET' && event.httpMethod !== 'HEAD' && { body }),
  })
}

function headersOf({ headers, multiValueHeaders }: GatewayEvent): Headers {
  const all = new Headers()
  for (const [name, value] of Object.entries(headers ?? {})) {
    const values = multiValueHeaders?.[name] ?? (value === undefined ? [] : [value])
    for (const one of values) all.append(name, one)
  }
  return all
}

function bodyOf({ body, isBase64Encoded }: GatewayEvent): Uint8Array<ArrayBuffer> | undefined {
  if (body === null || body === '') return undefined
  return new Uint8Array(Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'))
}

const TEXT = /^(text\/|application\/(json|problem\+json|x-ndjson|javascript))/

/** The app's answer for API Gateway: text as it is, everything else in base64. */
export async function answerOf(response: Response): Promise<GatewayAnswer> {
  const bytes = Buffer.from(await response.arrayBuffer())
  const isText = TEXT.test(response.headers.get('content-type') ?? 'text/plain')
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: bytes.toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
  }
}
