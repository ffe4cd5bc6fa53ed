import * as apigateway from 'aws-cdk-lib/aws-apigateway'
import { ERRORS, type ErrorCode } from '../../src/errors.ts'

interface GatewayAnswer {
  readonly code: ErrorCode
  readonly detail: string
}

const TYPES = apigateway.ResponseType

/** What the gateway answers by itself, in the words of the product. A later line for the same case wins over the defaults. */
const ANSWERS: readonly (readonly [apigateway.ResponseType, GatewayAnswer])[] = [
  [TYPES.DEFAULT_4XX, { code: 'bad_request', detail: 'the gateway does not understand it' }],
  [TYPES.DEFAULT_5XX, { code: 'internal', detail: 'the gateway failed; try again' }],
  [TYPES.BAD_REQUEST_BODY, { code: 'bad_request', detail: 'the body does not fit' }],
  [TYPES.BAD_REQUEST_PARAMETERS, { code: 'bad_request', detail: 'a parameter does not fit' }],
  [
    TYPES.UNAUTHORIZED,
    { code: 'key_missing', detail: 'send a key in x-api-key or as a Bearer token' },
  ],
  [
    TYPES.INVALID_API_KEY,
    { code: 'key_unknown', detail: 'no key has this text, or it was revoked' },
  ],
  // The authorizer refuses one thing alone: a body that no function could be given.
  [TYPES.ACCESS_DENIED, { code: 'too_large', detail: 'send fewer events a request' }],
  [TYPES.REQUEST_TOO_LARGE, { code: 'too_large', detail: 'send fewer events a request' }],
  [TYPES.MISSING_AUTHENTICATION_TOKEN, { code: 'not_found', detail: 'no route has this path' }],
  [TYPES.RESOURCE_NOT_FOUND, { code: 'not_found', detail: 'no route has this path' }],
  [TYPES.UNSUPPORTED_MEDIA_TYPE, { code: 'unsupported_type', detail: 'send JSON or NDJSON' }],
  [TYPES.THROTTLED, { code: 'rate_limited', detail: 'more requests than the plan allows' }],
  [TYPES.QUOTA_EXCEEDED, { code: 'rate_limited', detail: "the plan's quota is used up" }],
  [TYPES.WAF_FILTERED, { code: 'bad_request', detail: 'the firewall refuses it' }],
  [TYPES.AUTHORIZER_FAILURE, { code: 'internal', detail: 'the key cannot be looked up now' }],
  [TYPES.AUTHORIZER_CONFIGURATION_ERROR, { code: 'internal', detail: 'the key cannot be read' }],
  [TYPES.INTEGRATION_FAILURE, { code: 'overloaded', detail: 'the function did not answer' }],
  [TYPES.INTEGRATION_TIMEOUT, { code: 'overloaded', detail: 'the function took too long' }],
]

/** Seconds after which to try again; a function that is throttled or cold is there by then. */
const RETRY_AFTER_S = 5

/** Problem documents (RFC 9457) in place of the gateway's own answers, with the same status as on one machine. */
export function addGatewayAnswers(api: apigateway.RestApi): void {
  for (const [type, answer] of ANSWERS) {
    const { status, title, retryable } = ERRORS[answer.code]
    const name = type.responseType.replace(
      /(^|_)(\w+?)(?=_|$)/g,
      (_, __, word: string) => word[0] + word.slice(1).toLowerCase(),
    )
    api.addGatewayResponse(`Answer${name}`, {
      type,
      statusCode: String(status),
      responseHeaders: {
        'Content-Type': "'application/problem+json'",
        'Access-Control-Allow-Origin': "'*'",
        'Cache-Control': "'no-store'",
        ...(status === 401 && { 'WWW-Authenticate': `'Bearer realm="shoplake"'` }),
        ...((status === 429 || status === 503) && { 'Retry-After': `'${RETRY_AFTER_S}'` }),
      },
      templates: {
        'application/json': JSON.stringify({
          type: `/docs#error-${answer.code}`,
          title,
          status,
          detail: answer.detail,
          instance: 'urn:uuid:$context.requestId',
          code: answer.code,
          request_id: '$context.requestId',
          retryable,
        }),
      },
    })
  }
}
