import type { GatewayEvent } from '../../src/main/lambda-http.ts'

/** A request as the gateway hands it over: bodies of the types it knows in base64. */
export function gatewayEvent(
  body: string | Uint8Array | null,
  headers: { [name: string]: string } = {},
  rest: Partial<GatewayEvent> = {},
): GatewayEvent {
  const all = { host: 'abc.execute-api.us-east-1.amazonaws.com', ...headers }
  return {
    httpMethod: 'POST',
    path: '/v1/events',
    headers: all,
    multiValueHeaders: Object.fromEntries(Object.entries(all).map(([name, one]) => [name, [one]])),
    multiValueQueryStringParameters: null,
    body: body === null ? null : Buffer.from(body).toString('base64'),
    isBase64Encoded: body !== null,
    ...rest,
  }
}
