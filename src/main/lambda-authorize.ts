import { headerKey } from '../http/auth.ts'
import { gatewayKeyOf } from './gateway-key.ts'

/** What API Gateway asks a REQUEST authorizer with; the parts that are read. */
export interface AuthorizeRequest {
  readonly methodArn: string
  readonly headers: { readonly [name: string]: string | undefined } | null
  readonly queryStringParameters: { readonly [name: string]: string | undefined } | null
}

export interface AuthorizeAnswer {
  readonly principalId: string
  readonly policyDocument: {
    readonly Version: '2012-10-17'
    readonly Statement: readonly {
      readonly Action: 'execute-api:Invoke'
      readonly Effect: 'Allow' | 'Deny'
      readonly Resource: string
    }[]
  }
  /** The gateway's name of the key: it looks it up, and its usage plan with it. */
  readonly usageIdentifierKey?: string
}

/** Largest body that fits into an invocation: 6 MB of payload hold it in base64, with the rest of the request around it. */
const LARGEST_BODY = 4_400_000

/**
 * Names the key of a request to the gateway by the SHA-256 of its text, so that rate, burst and quota of its usage plan
 * count before any function runs, and no key's text is kept there. Refuses what is too large for a function; for a
 * request without a key it throws the one message that the gateway answers with 401.
 */
export async function handler(request: AuthorizeRequest): Promise<AuthorizeAnswer> {
  const headers = lowerCase(request.headers ?? {})
  if (Number(headers['content-length'] ?? 0) > LARGEST_BODY) {
    return answer('too-large', 'Deny', request.methodArn)
  }
  const text = headerKey((name) => headers[name]) ?? request.queryStringParameters?.key
  if (!text) throw new Error('Unauthorized')
  const name = gatewayKeyOf(text)
  return { ...answer(name, 'Allow', request.methodArn), usageIdentifierKey: name }
}

function answer(principalId: string, Effect: 'Allow' | 'Deny', Resource: string): AuthorizeAnswer {
  const statement = { Action: 'execute-api:Invoke', Effect, Resource } as const
  return { principalId, policyDocument: { Version: '2012-10-17', Statement: [statement] } }
}

function lowerCase(headers: { readonly [name: string]: string | undefined }): {
  readonly [name: string]: string | undefined
} {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}
