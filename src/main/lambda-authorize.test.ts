import { describe, expect, it } from 'vitest'
import { gatewayKeyOf } from './gateway-key.ts'
import { type AuthorizeRequest, handler } from './lambda-authorize.ts'

const ARN = 'arn:aws:execute-api:eu-central-1:1:api/live/POST/v1/events'

function request(parts: Partial<AuthorizeRequest> = {}): AuthorizeRequest {
  return { methodArn: ARN, headers: null, queryStringParameters: null, ...parts }
}

describe('the authorizer', () => {
  const basic = `Basic ${Buffer.from('wk_a:').toString('base64')}`
  it.each<[string, Partial<AuthorizeRequest>]>([
    ['a header', { headers: { 'X-Api-Key': 'wk_a' } }],
    ['a Bearer token', { headers: { authorization: 'Bearer wk_a' } }],
    ['the user name of Basic', { headers: { Authorization: basic } }],
    ['the query', { queryStringParameters: { key: 'wk_a' } }],
  ])('names the key of %s by its hash', async (_, parts) => {
    const answer = await handler(request(parts))
    expect(answer.usageIdentifierKey).toBe(gatewayKeyOf('wk_a'))
    expect(answer.policyDocument.Statement).toEqual([
      { Action: 'execute-api:Invoke', Effect: 'Allow', Resource: ARN },
    ])
    expect(JSON.stringify(answer)).not.toContain('wk_a')
  })

  it('makes the gateway answer 401 where there is no key', async () => {
    await expect(handler(request())).rejects.toThrow(/^Unauthorized$/)
    await expect(handler(request({ headers: { 'x-api-key': '' } }))).rejects.toThrow('Unauthorized')
    await expect(handler(request({ headers: { authorization: 'Digest x' } }))).rejects.toThrow(
      'Unauthorized',
    )
  })

  it('refuses what no function could be given, with or without a key', async () => {
    const headers = { 'Content-Length': '5000000', 'x-api-key': 'wk_a' }
    const answer = await handler(request({ headers }))
    expect(answer.policyDocument.Statement[0]?.Effect).toBe('Deny')
    expect(answer.usageIdentifierKey).toBeUndefined()
    const small = await handler(request({ headers: { ...headers, 'Content-Length': '4000000' } }))
    expect(small.policyDocument.Statement[0]?.Effect).toBe('Allow')
  })
})
