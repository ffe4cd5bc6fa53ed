import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Call } from './call.ts'
import { openConsole } from './static.ts'

const call = (pathname: string, headers: { [name: string]: string } = {}) =>
  ({ path: pathname, header: (name: string) => headers[name] }) as Partial<Call> as Call

describe('openConsole', () => {
  let directory: string
  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'shoplake-console-'))
    mkdirSync(path.join(directory, 'assets'))
    writeFileSync(path.join(directory, 'index.html'), '<title>console</title>')
    writeFileSync(path.join(directory, 'favicon.svg'), '<svg/>')
    writeFileSync(path.join(directory, 'assets', 'index-B1x_Yz09.js'), 'let a = 1')
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  const text = (answer: ReturnType<ReturnType<typeof openConsole>>) =>
    Buffer.from(answer?.body as Uint8Array).toString()

  it('answers the index for itself and for every page of the router', () => {
    const find = openConsole(directory)
    for (const pathname of ['/', '/index.html', '/live', '/orders/ord_1']) {
      const answer = find(call(pathname, { accept: 'text/html' }))
      expect(text(answer)).toBe('<title>console</title>')
      expect(answer?.headers['cache-control']).toBe('no-cache')
    }
  })

  it('answers a page to a browser, whatever points an id has, and never in place of the API', () => {
    const find = openConsole(directory)
    const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
    expect(text(find(call('/products/p-1.5.json', html)))).toBe('<title>console</title>')
    expect(find(call('/products/p-1.5.json', { accept: '*/*' }))).toBeUndefined()
    expect(find(call('/v1/nothing', html))).toBeUndefined()
    expect(find(call('/health', { accept: '*/*' }))).toBeUndefined()
    expect(find(call('/health'))).toBeUndefined()
  })

  it('lets no script run but our own files', () => {
    const policy = openConsole(directory)(call('/'))?.headers['content-security-policy'] ?? ''
    const script = policy.split('; ').find((part) => part.startsWith('script-src'))
    expect(script).toBe("script-src 'self'")
    expect(policy).toContain("default-src 'self'")
    expect(policy).toContain("frame-ancestors 'none'")
  })

  it('lets hashed files be kept for ever, and others be asked for', () => {
    const find = openConsole(directory)
    const hashed = find(call('/assets/index-B1x_Yz09.js'))
    expect(hashed?.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(hashed?.headers['content-type']).toMatch(/^text\/javascript/)
    const plain = find(call('/favicon.svg'))
    expect(plain?.headers['content-type']).toBe('image/svg+xml')
    const etag = plain?.headers.etag ?? ''
    expect(find(call('/favicon.svg', { 'if-none-match': `"x", W/${etag}` }))?.status).toBe(304)
    expect(find(call('/favicon.svg', { 'if-none-match': '"x"' }))?.status).toBe(200)
  })

  it.each([
    '/assets/missing.js',
    '/v1/unknown',
    '/../package.json',
    '/assets/../../etc/passwd.txt',
    '/%2e%2e/keys.json',
  ])('has nothing at %s', (pathname) => {
    expect(openConsole(directory)(call(pathname))).toBeUndefined()
  })

  it('says where to look without a built console', () => {
    for (const missing of [undefined, path.join(directory, 'none')]) {
      expect(text(openConsole(missing)(call('/')))).toContain('/docs')
    }
  })
})
