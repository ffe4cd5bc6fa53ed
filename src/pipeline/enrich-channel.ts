import { createBoundedCache } from './bounded-cache.ts'
import { type Channel, CLICK_IDS, RULES, SITES, type SourceKindOfSite } from './channel-table.ts'

/** Where a visit came from, by one event alone. Absent: not said. */
export interface Attribution {
  readonly channel?: Channel
  readonly utm_source?: string
  readonly utm_medium?: string
  readonly utm_campaign?: string
  readonly utm_term?: string
  readonly utm_content?: string
  readonly click_id?: string
}

type Utm = 'utm_source' | 'utm_medium' | 'utm_campaign' | 'utm_term' | 'utm_content'

const UTM = new Set(['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content'])
const NOTHING: Attribution = {}
const DIRECT: Attribution = { channel: 'direct' }
const CACHE_LIMIT = 10_000
/** Longest stored UTM value; a URL itself is bounded at 2,000. */
const UTM_LIMIT = 500

/**
 * Reads page URLs and referrers into channels. UTM parameters and click ids on the page decide; else a referrer that is
 * neither the shop (`ownHosts`, the page's own host, a relative path) nor a payment provider; else a page without referrer
 * is direct. A page reached from the shop itself or from a payment provider has no channel: the visit already has one.
 * Answers what `form` makes of it, made once for each of the campaigns and sites that come again and again.
 */
export function createChannelReader<T extends object | string>(
  ownHosts: readonly string[],
  form: (attribution: Attribution) => T,
): (pageUrl: string | undefined, referrer: string | undefined) => T {
  const own = ownHosts.map((host) => host.trim().toLowerCase()).filter((host) => host !== '')
  const nothing = form(NOTHING)
  const direct = form(DIRECT)
  const byReferrer = remembered((host) =>
    own.some((ours) => isBelow(host, ours)) ? nothing : form(referred(host)),
  )
  const byQuery = remembered((query) => {
    const attribution = taggedBy(query)
    return attribution ? form(attribution) : null
  })
  return (pageUrl, referrer) => {
    const query = pageUrl === undefined ? '' : queryOf(pageUrl)
    const tagged = query === '' ? null : byQuery(query)
    if (tagged !== null) return tagged
    if (referrer === undefined || referrer === '') return pageUrl === undefined ? nothing : direct
    const host = hostOf(referrer)
    if (host === '' || (pageUrl !== undefined && host === hostOf(pageUrl))) return nothing
    return byReferrer(host)
  }
}

/** Long texts hold click ids or searches and do not come again. */
const REMEMBERED_LENGTH = 120

function remembered<V extends object | string | null>(
  read: (text: string) => V,
): (text: string) => V {
  const cache = createBoundedCache<string, V>(CACHE_LIMIT)
  return (text) => {
    if (text.length > REMEMBERED_LENGTH) return read(text)
    const known = cache.get(text)
    if (known !== undefined) return known
    const value = read(text)
    cache.set(text, value)
    return value
  }
}

function queryOf(pageUrl: string): string {
  const question = pageUrl.indexOf('?')
  if (question === -1) return ''
  const end = pageUrl.indexOf('#', question)
  return end === -1 ? pageUrl.slice(question + 1) : pageUrl.slice(question + 1, end)
}

function referred(host: string): Attribution {
  const site = siteOf(host)
  if (site === 'payment') return NOTHING
  return { channel: channelOf({ source: host, medium: 'referral', campaign: '', site }) }
}

function channelOf(of: Parameters<(typeof RULES)[number]['fits']>[0]): Channel {
  return RULES.find((rule) => rule.fits(of))?.channel ?? 'unassigned'
}

function taggedBy(query: string): Attribution | undefined {
  const utm: { [U in Utm]?: string } = {}
  let clickId: string | undefined
  let tagged = false
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=')
    const name = equals === -1 ? pair : pair.slice(0, equals)
    if (UTM.has(name)) {
      const value = decodeText(pair.slice(name.length + 1))
      if (value === '') continue
      utm[name as Utm] ??= value
      tagged = true
    } else if (Object.hasOwn(CLICK_IDS, name)) clickId ??= name
  }
  if (!tagged && clickId === undefined) return undefined
  const channel = taggedChannel(utm, clickId)
  return { channel, ...utm, ...(clickId === undefined ? {} : { click_id: clickId }) }
}

/** A click id fills in for the source and medium that the UTM parameters leave out. */
function taggedChannel(utm: { [U in Utm]?: string }, clickId: string | undefined): Channel {
  const click = clickId === undefined ? undefined : CLICK_IDS[clickId]
  const source = (utm.utm_source ?? click?.source ?? '').toLowerCase()
  const medium = (utm.utm_medium ?? click?.medium ?? '').toLowerCase()
  const campaign = (utm.utm_campaign ?? '').toLowerCase()
  return channelOf({ source, medium, campaign, site: siteOf(source) })
}

/** Percent-decoded; as it stands where that is not possible. Never longer than a UTM value may be. */
function decodeText(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  try {
    return cut(decodeURIComponent(spaced).trim())
  } catch {
    return cut(spaced.trim())
  }
}

function cut(text: string): string {
  if (text.length <= UTM_LIMIT) return text
  const kept = text.slice(0, UTM_LIMIT)
  return /[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept
}

/** The host of an absolute URL or a bare host, in lower case without `www.` and port; '' where there is none. */
export function hostOf(url: string): string {
  const scheme = url.indexOf('://')
  if (scheme === -1 && !url.startsWith('//')) return bareHost(url)
  const start = scheme === -1 ? 2 : scheme + 3
  return withoutWww(url.slice(start, authorityEnd(url, start)))
}

/** `google.com` or `google.com/search`: a host only if it has a dot and does not look like a path. */
function bareHost(url: string): string {
  const host = withoutWww(url.slice(0, authorityEnd(url, 0)))
  return host.includes('.') && /^[a-z0-9.-]+$/.test(host) ? host : ''
}

function authorityEnd(url: string, start: number): number {
  for (let at = start; at < url.length; at++) {
    const code = url.charCodeAt(at)
    if (code === 47 || code === 63 || code === 35) return at
  }
  return url.length
}

function withoutWww(authority: string): string {
  const host = authority
    .slice(authority.lastIndexOf('@') + 1)
    .toLowerCase()
    .replace(/:\d*$/, '')
  return host.startsWith('www.') ? host.slice(4) : host
}

const KINDS = Object.keys(SITES) as SourceKindOfSite[]
const SITE_OF = new Map(
  KINDS.toReversed().flatMap((kind) => SITES[kind].map((name) => [name, kind] as const)),
)
/** `google.co.uk`, `amazon.de`: a name of the table under a country's or any other public ending. */
const UNDER_ENDING = /(?:^|\.)([a-z0-9-]+)\.(?:(?:com?|org|net)\.)?[a-z]{2,3}$/

/** What kind of site a host or a utm_source is; undefined for one that the table does not name. */
export function siteOf(source: string): SourceKindOfSite | undefined {
  for (let name = source; name !== ''; ) {
    const kind = SITE_OF.get(name)
    if (kind && (name === source || name.includes('.'))) return kind
    const dot = name.indexOf('.')
    if (dot === -1) break
    name = name.slice(dot + 1)
  }
  const brand = UNDER_ENDING.exec(source)?.[1]
  return brand !== undefined && BRANDS.has(brand) ? SITE_OF.get(brand) : undefined
}

/** Names that own their domain in many countries, so that the ending may be any. */
const BRANDS = new Set([
  'google',
  'yahoo',
  'yandex',
  'aol',
  'amazon',
  'ebay',
  'shopee',
  'lazada',
  'mercadolibre',
  'pinterest',
])

function isBelow(host: string, ours: string): boolean {
  const bare = withoutWww(ours)
  return host === bare || host.endsWith(`.${bare}`)
}
