import { isIPv4, isIPv6 } from 'node:net'

/**
 * The sender's address: with n trusted proxies the n-th X-Forwarded-For entry from the right, where the outermost of
 * them wrote whom it saw. What stands further left is the sender's own claim and is never used.
 */
export function clientAddress(
  forwarded: string | undefined,
  peer: string | undefined,
  trustedProxies: number,
): string | undefined {
  if (trustedProxies === 0) return peer
  const hops = (forwarded ?? '').split(',').map((hop) => hop.trim())
  const chain = [...hops.filter((hop) => hop !== ''), ...(peer === undefined ? [] : [peer])]
  return chain[Math.max(0, chain.length - 1 - trustedProxies)]
}

/** The network of an address, `a.b.c.0/24` or `x:y:z::/48`; undefined when it is not an address. Never the address itself. */
export function networkOf(address: string | undefined): string | undefined {
  const bare = bareAddress(address ?? '')
  if (isIPv4(bare)) return `${bare.split('.').slice(0, 3).join('.')}.0/24`
  if (!isIPv6(bare)) return undefined
  const mapped = /^::ffff:(\d+\.\d+\.\d+)\.\d+$/i.exec(bare)
  if (mapped) return `${mapped[1]}.0/24`
  return `${expandIpv6(bare).slice(0, 3).join(':')}::/48`
}

/** Without port, brackets and zone, as proxies write them. */
function bareAddress(text: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)
  const withPort = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)
  return (bracketed?.[1] ?? withPort?.[1] ?? text).replace(/%.*$/, '')
}

function expandIpv6(address: string): string[] {
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  // A dotted quad at the end stands for two groups, all behind the first three.
  const missing = 8 - left.length - right.length - (address.includes('.') ? 1 : 0)
  const zeros = tail === undefined ? [] : Array.from({ length: missing }, () => '0')
  return [...left, ...zeros, ...right].map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
}
