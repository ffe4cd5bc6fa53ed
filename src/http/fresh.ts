import type { AppDeps } from './deps.ts'

/**
 * Up to when received events are visible to SQL, ISO 8601: asked for before a query begins, it holds for what the query sees.
 * Null while it is not known yet, undefined where the home never knows.
 */
export function freshTo({ lake }: Pick<AppDeps, 'lake'>): string | null | undefined {
  if (!lake.freshness) return undefined
  const moment = lake.freshness()
  return moment === undefined ? null : new Date(moment).toISOString()
}
