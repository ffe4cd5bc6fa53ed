import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Answer, Call } from './call.ts'

const TYPES: { readonly [ending: string]: string } = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
}

/** No script but our own files. Inline styles are let through: chart libraries set them on elements. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** Headers of every page that we serve. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-cache',
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
}

interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly type: string
  readonly etag: string
  readonly hashed: boolean
}

/**
 * Answers GET from a built console, read once into memory: what is not in the directory cannot be asked for. A path
 * of the console's own router gets index.html. Undefined where there is no such file.
 */
export function openConsole(directory: string | undefined): (call: Call) => Answer | undefined {
  const assets = directory === undefined ? new Map<string, Asset>() : readAssets(directory)
  if (!assets.has('/index.html')) assets.set('/index.html', assetOf('/index.html', PLAIN_PAGE))
  return (call) => {
    const wanted = call.path === '/' ? '/index.html' : call.path
    const asset = assets.get(wanted) ?? (isPage(call) ? assets.get('/index.html') : undefined)
    return asset && assetAnswer(call, asset)
  }
}

/**
 * What a browser opens is a page, whatever its ending: ids with points stand in addresses. Whoever asks for no page is told that
 * there is none: a probe of /health or a script with a slip in its path must not take the console for an answer.
 */
function isPage(call: Call): boolean {
  if (call.path.startsWith('/v1/')) return false
  return (call.header('accept') ?? '').includes('text/html')
}

/** None where the console was not built. */
function readAssets(directory: string): Map<string, Asset> {
  const assets = new Map<string, Asset>()
  if (!existsSync(directory)) return assets
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(directory, name)
    if (!statSync(file).isFile()) continue
    const pathname = `/${name.split(path.sep).join('/')}`
    assets.set(pathname, assetOf(pathname, readFileSync(file)))
  }
  return assets
}

function assetOf(pathname: string, content: Uint8Array | string): Asset {
  const bytes = new Uint8Array(Buffer.from(content))
  return {
    bytes,
    type: TYPES[path.extname(pathname)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    hashed: /[-.][A-Za-z0-9_-]{8,}\.[a-z0-9]+$/.test(pathname) && pathname.startsWith('/assets/'),
  }
}

function assetAnswer(call: Call, asset: Asset): Answer {
  const headers = {
    ...PAGE_HEADERS,
    'content-type': asset.type,
    'cache-control': asset.hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: asset.etag,
  }
  const known = call
    .header('if-none-match')
    ?.split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
  if (known?.includes(asset.etag)) return { status: 304, headers, body: null }
  return { status: 200, headers, body: asset.bytes }
}

const PLAIN_PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>shoplake</title>
<h1>shoplake runs</h1>
<p>The console is not built here. The API is described in <a href="/docs">/docs</a>.</p>
</html>
`
