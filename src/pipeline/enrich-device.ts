import Bowser from 'bowser'
import { isbot } from 'isbot'
import { createBoundedCache } from './bounded-cache.ts'

export type Device = 'desktop' | 'mobile' | 'tablet' | 'other'

/** What a user agent says of itself. */
export interface Visitor {
  readonly device: Device
  readonly bot: boolean
}

const CACHE_LIMIT = 20_000

/** Reads user agents; remembers the last 20,000 to 40,000, since reading one costs tens of microseconds. */
export function createVisitorReader(): (userAgent: string) => Visitor {
  const cache = createBoundedCache<string, Visitor>(CACHE_LIMIT)
  return (userAgent) => {
    const known = cache.get(userAgent)
    if (known) return known
    const visitor = { device: deviceOf(userAgent), bot: isbot(userAgent) }
    cache.set(userAgent, visitor)
    return visitor
  }
}

function deviceOf(userAgent: string): Device {
  if (userAgent === '') return 'other'
  const type = Bowser.getParser(userAgent, true).getPlatformType(true)
  return type === 'desktop' || type === 'mobile' || type === 'tablet' ? type : 'other'
}
