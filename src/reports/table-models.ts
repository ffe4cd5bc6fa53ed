import { EVENT_TYPES } from '../schema/registry.ts'
import { EVENTS_MODEL, type Model } from './model.ts'

/**
 * Scans that a model may need before it is a table. Trino writes a WITH table out wherever it is named, and refuses a statement of more
 * than 150 stages; a report names several models, some of them often.
 */
const MOST_SCANS = 12

const TYPES: ReadonlySet<string> = new Set(EVENT_TYPES)

/**
 * Names of the models that are tables on Trino, each behind those that it reads: models that can be kept by day and whose plan, written
 * out, would scan too many tables, where models before it may be tables already.
 */
export function tableModels(models: readonly Model[]): ReadonlySet<string> {
  const byName = new Map([EVENTS_MODEL, ...models].map((model) => [model.name, model]))
  const scans = new Map<string, number>()
  const tables = new Set<string>()
  const count = (name: string): number => {
    const known = scans.get(name)
    if (known !== undefined) return known
    const model = byName.get(name)
    if (!model) return TYPES.has(name) ? 1 : 0
    const own = model.tables.reduce((sum, read) => sum + count(read), 0)
    const isTable = model.kept && own > MOST_SCANS
    if (isTable) tables.add(name)
    scans.set(name, isTable ? 1 : own)
    return isTable ? 1 : own
  }
  for (const { name } of models) count(name)
  return tables
}
