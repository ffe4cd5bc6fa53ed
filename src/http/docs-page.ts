import type { OpenapiDocument, Operation, Parameter, ResponseObject } from '../derive/openapi.ts'
import { ERRORS, type ErrorCode } from '../errors.ts'
import { EVENT_TYPES } from '../schema/registry.ts'
import { REJECTIONS } from '../schema/rejection.ts'
import type { JsonSchema } from '../schema/scalar.ts'
import { DOCS_STYLE } from './docs-style.ts'
import { escapeHtml, type Html, html } from './html.ts'

/** Stands in the page where the asking browser's own address goes. */
const BASE = '__BASE__'
/** Each flag of a command on a line of its own, as a shell reads it. */
const FLAG = ' \\\n  '
/** Characters of JSON that fit into a line. */
const LONG = 70
const FIRST_EVENT = {
  event_type: 'page_view',
  timestamp: '2025-01-15T10:25:00Z',
  session_id: 'sess_abc123',
  page_url: '/',
}

interface Entry {
  readonly method: string
  readonly path: string
  readonly operation: Operation
}

/**
 * The API reference as one page without third-party parts: every route with a curl line, every event type with its fields,
 * every error under `#error-<code>`, where problem documents point. `render` fills in the address to call.
 */
export function docsPage(document: OpenapiDocument): { render(base: string): string } {
  const text = pageOf(document).html
  return { render: (base) => text.replaceAll(BASE, () => escapeHtml(base)) }
}

function pageOf(document: OpenapiDocument): Html {
  const entries = entriesOf(document)
  const tags = [...new Set(entries.flatMap((entry) => entry.operation.tags))]
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>shoplake API</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<style>${{ html: DOCS_STYLE }}</style>
<script src="/docs.js" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header><a class="home" href="/"><img src="/icon.svg" alt="" width="28" height="28">shoplake</a> <span>API ${document.info.version}</span> <a href="/openapi.json">openapi.json</a></header>
<div class="frame">
${navigation(entries, tags)}
<main id="main">
${introduction()}
${tags.map((tag) => tagSection(tag, entries, document))}
${eventSection(document)}
${rejectionSection()}
${errorSection()}
</main>
</div>
</body>
</html>
`
}

function entriesOf(document: OpenapiDocument): Entry[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  )
}

function navigation(entries: readonly Entry[], tags: readonly string[]): Html {
  const linkOf = ({ method, path, operation }: Entry) =>
    html`<li><a href="#${operation.operationId}"><b class="${method}">${method.toUpperCase()}</b> ${path}</a></li>`
  const groupOf = (tag: string) =>
    html`<h2>${tag}</h2><ul>${entries.filter((entry) => entry.operation.tags.includes(tag)).map(linkOf)}</ul>`
  return html`<nav aria-label="Contents"><details open><summary>Contents</summary>
${tags.map(groupOf)}
<h2>Reference</h2>
<ul><li><a href="#events">Event types</a></li><li><a href="#rejections">Rejections</a></li><li><a href="#errors">Errors</a></li></ul>
</details></nav>`
}

function introduction(): Html {
  return html`<section><h1>HTTP API</h1>
<p>A key goes into <code>x-api-key</code>, into <code>Authorization: Bearer</code>, or as the user name of Basic; a key that may only write also into <code>?key=</code>, for beacons. Every answer has an <code>x-request-id</code>. Errors are problem documents (RFC 9457) whose <code>code</code> stands <a href="#errors">below</a>.</p>
<p>Each key has a budget of events: <code>RateLimit</code> says what is left and when it is whole again (IETF draft). 429 and 503 say in <code>Retry-After</code> how many seconds to wait; sending the same events again is safe.</p>
${command(`curl ${BASE}/v1/events${FLAG}-H 'x-api-key: sk_dev'${FLAG}-H 'content-type: application/json'${FLAG}-d '${jsonLines(FIRST_EVENT)}'`)}
<p><code>sk_dev</code> (a server's key) and <code>pk_dev</code> (a browser's) work under <code>shoplake dev</code>. Anywhere else: <code>shoplake keys create</code>. Under a browser key the user agent counts: what curl sends is a bot's, and visits leave bots out.</p>
</section>`
}

function tagSection(tag: string, entries: readonly Entry[], document: OpenapiDocument): Html {
  const own = entries.filter((entry) => entry.operation.tags.includes(tag))
  return html`<h2 class="tag">${tag}</h2>
${own.map((entry) => routeSection(entry, document))}`
}

function routeSection(entry: Entry, document: OpenapiDocument): Html {
  const { method, path, operation } = entry
  const scope = operation['x-scope']
  return html`<section id="${operation.operationId}">
<h3><a href="#${operation.operationId}">${operation.summary}</a></h3>
<p class="line"><b class="${method}">${method.toUpperCase()}</b> <code>${path}</code> <span class="scope">${scope === 'none' ? 'no key' : `${scope} key`}</span></p>
${operation.description ? html`<p>${prose(operation.description)}</p>` : undefined}
${command(curlOf(entry))}
${parameterTable(operation.parameters ?? [])}
${bodyPart(operation, document)}
<h4>Answers</h4>
<dl>${Object.entries(operation.responses).map(([status, response]) => answerPart(status, response, document))}</dl>
</section>`
}

function curlOf({ method, path, operation }: Entry): string {
  const target = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    const parameter = operation.parameters?.find((one) => one.in === 'path' && one.name === name)
    return encodeURIComponent(String(parameter?.example ?? name.toUpperCase()))
  })
  const scope = operation['x-scope']
  const key = scope === 'none' ? '' : `${FLAG}-H 'x-api-key: sk_dev'`
  const verb = method === 'get' || method === 'post' ? '' : ` -X ${method.toUpperCase()}`
  const stream = path.endsWith('/stream') ? ' -N' : ''
  return `curl${stream}${verb} ${BASE}${target}${key}${bodyFlags(operation)}`
}

function bodyFlags(operation: Operation): string {
  const body = operation.requestBody?.content['application/json']
  if (!body) return ''
  const [example] = Object.values(body.examples)
  const text = jsonLines(example?.value ?? {}).replaceAll("'", "'\\''")
  return `${FLAG}-H 'content-type: application/json'${FLAG}-d '${text}'`
}

/** JSON that a shell line takes, a field to a line where one line would be too long. */
function jsonLines(value: unknown): string {
  const text = JSON.stringify(value)
  if (text.length < LONG || value === null || Array.isArray(value)) return text
  const fields = Object.entries(value as object).map((field) =>
    field.map((part) => JSON.stringify(part)).join(':'),
  )
  return `{${fields.join(',\n       ')}}`
}

function command(text: string): Html {
  return html`<div class="copy"><pre tabindex="0"><code>${text}</code></pre></div>`
}

function parameterTable(parameters: readonly Parameter[]): Html | undefined {
  if (parameters.length === 0) return undefined
  const row = (parameter: Parameter) =>
    html`<tr><th scope="row"><code>${parameter.name}</code></th><td>${parameter.in}</td><td>${typeText(parameter.schema)}</td><td>${prose(parameter.description)}</td></tr>`
  return html`<h4>Parameters</h4><div class="wide" tabindex="0"><table><thead><tr><th>Name</th><th>In</th><th>Type</th><th>What</th></tr></thead><tbody>${parameters.map(row)}</tbody></table></div>`
}

function bodyPart(operation: Operation, document: OpenapiDocument): Html | undefined {
  const content = operation.requestBody?.content
  if (!content) return undefined
  const [type, body] = Object.entries(content)[0]!
  const examples = Object.values(body.examples).map(
    (example) =>
      html`<details><summary>${example.summary}</summary>${command(JSON.stringify(example.value, null, 2))}</details>`,
  )
  return html`<h4>Body</h4><p>${Object.keys(content).join(', ') || type}</p>${fieldTable(body.schema, document)}${examples}`
}

function answerPart(status: string, response: ResponseObject, document: OpenapiDocument): Html {
  const content = Object.entries(response.content ?? {})
  const types = content.map(([type]) => type).join(', ')
  const example = content.map(([, media]) => media.example).find((one) => one !== undefined)
  const shown = example === undefined ? undefined : command(JSON.stringify(example, null, 2))
  const schema = response.content?.['application/json']?.schema
  const fields = schema && fieldTable(schema, document)
  const details = fields && html`<details><summary>Fields</summary>${fields}</details>`
  return html`<dt><b>${status}</b> <small>${types}</small></dt><dd>${response.description.split('\n').map(answerLine)}${shown}${details}</dd>`
}

/** An error code at the start of a line leads to what it means. */
function answerLine(line: string): Html {
  const [, code, rest] = /^(\w+): (.*)$/.exec(line) ?? []
  if (code === undefined || !Object.hasOwn(ERRORS, code)) return html`<p>${prose(line)}</p>`
  return html`<p><a href="#error-${code}"><code>${code}</code></a> ${rest}</p>`
}

function fieldTable(schema: JsonSchema, document: OpenapiDocument): Html | undefined {
  const { properties, required } = resolve(schema, document)
  const fields = Object.entries((properties ?? {}) as { [name: string]: JsonSchema })
  if (fields.length === 0) return undefined
  const needed = (required ?? []) as readonly string[]
  const row = ([name, field]: [string, JsonSchema]) =>
    html`<tr><th scope="row"><code>${name}</code></th><td>${typeText(field)}</td><td>${needed.includes(name) ? 'yes' : ''}</td><td>${prose(String(field.description ?? ''))}${inner(field, document)}</td></tr>`
  return html`<div class="wide" tabindex="0"><table><thead><tr><th>Field</th><th>Type</th><th>Always</th><th>What</th></tr></thead><tbody>${fields.map(row)}</tbody></table></div>`
}

/** Fields of a struct, or of the entries of a list. */
function inner(field: JsonSchema, document: OpenapiDocument): Html | undefined {
  const plain = withoutNull(field)
  const table = fieldTable((plain.items as JsonSchema | undefined) ?? plain, document)
  return table && html`<details><summary>Fields</summary>${table}</details>`
}

function resolve(schema: JsonSchema, document: OpenapiDocument): JsonSchema {
  const name = /^#\/components\/schemas\/(\w+)$/.exec(String(schema.$ref ?? ''))?.[1]
  return name === undefined ? schema : document.components.schemas[name]!
}

function withoutNull(field: JsonSchema): JsonSchema {
  const choices = field.anyOf as readonly JsonSchema[] | undefined
  return choices?.find((choice) => choice.type !== 'null') ?? field
}

function typeText(field: JsonSchema): string {
  const plain = withoutNull(field)
  if (plain.const !== undefined) return JSON.stringify(plain.const)
  if (Array.isArray(plain.enum)) return plain.enum.join(' | ')
  if (plain.format === 'money') return 'money'
  const named = /(\w+)$/.exec(String(plain.$ref ?? ''))?.[1]
  const name = named ?? plain.format ?? plain.type ?? 'any'
  return Array.isArray(name) ? name.join(' | ') : String(name)
}

/** What stands between backticks is code. */
function prose(text: string): Html[] {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`))
}

function eventSection(document: OpenapiDocument): Html {
  const one = (type: string) => {
    const schema = document.components.schemas[type]!
    const [example] = schema.examples as readonly unknown[]
    return html`<details id="event-${type}"><summary><code>${type}</code> ${prose(String(schema.description))}</summary>
${fieldTable(schema, document)}${command(JSON.stringify(example, null, 2))}</details>`
  }
  return html`<section id="events"><h2 class="tag">Event types</h2>
<p>Fields that are not listed are kept in <code>extra</code>. Money is a number or a decimal text with at most four decimals. Timestamps need an offset.</p>
${EVENT_TYPES.map(one)}</section>`
}

function rejectionSection(): Html {
  const row = ([reason, text]: [string, string]) =>
    html`<tr><th scope="row"><code>${reason}</code></th><td>${prose(text)}</td></tr>`
  return html`<section id="rejections"><h2 class="tag">Rejections</h2><p>Why an event is refused. It becomes a dead letter, which can be mended and sent again.</p>
<div class="wide" tabindex="0"><table><thead><tr><th>Reason</th><th>What</th></tr></thead><tbody>${Object.entries(REJECTIONS).map(row)}</tbody></table></div></section>`
}

function errorSection(): Html {
  const row = (code: ErrorCode) =>
    html`<tr id="error-${code}"><th scope="row"><code>${code}</code></th><td>${ERRORS[code].status}</td><td>${ERRORS[code].title}</td><td>${ERRORS[code].retryable ? 'later' : 'no'}</td></tr>`
  return html`<section id="errors"><h2 class="tag">Errors</h2>
<div class="wide" tabindex="0"><table><thead><tr><th>Code</th><th>Status</th><th>What</th><th>Try again</th></tr></thead><tbody>${(Object.keys(ERRORS) as ErrorCode[]).map(row)}</tbody></table></div></section>`
}
