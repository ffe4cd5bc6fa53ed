import type { Column, ColumnField } from '../schema/column.ts'
import type { Table } from './table.ts'

/** One value of a table, nested ones by path: `items[].price`. */
export interface LockedColumn {
  readonly type: string
  readonly required: boolean
}

export type LockedColumns = { readonly [path: string]: LockedColumn }

/** What a release has promised: every path of every table with its type. Committed as generated/columns.lock.json. */
export interface ColumnsLock {
  readonly release: string
  readonly tables: { readonly [event_type: string]: LockedColumns }
}

/** The columns of a table by path, with the types of all engines in one word each. */
export function lockedColumnsOf(table: Pick<Table, 'columns'>): LockedColumns {
  return Object.fromEntries(table.columns.flatMap((field) => pathsOf('', field)))
}

function pathsOf(prefix: string, field: ColumnField): [string, LockedColumn][] {
  return columnPaths(`${prefix}${field.name}`, field.column, field.required)
}

function columnPaths(path: string, column: Column, required: boolean): [string, LockedColumn][] {
  if (column.kind === 'struct') {
    const parts = column.fields.flatMap((field) => pathsOf(`${path}.`, field))
    return [[path, { type: 'struct', required }], ...parts]
  }
  if (column.kind === 'list') {
    const element = columnPaths(`${path}[]`, column.element, true)
    return [[path, { type: 'list', required }], ...element]
  }
  const type =
    column.kind === 'decimal' ? `decimal(${column.precision},${column.scale})` : column.kind
  return [[path, { type, required }]]
}

/**
 * What the tables break of the lock, one sentence each; empty when every stored file and every query of the release
 * still works. A new optional column or a new table is always fine.
 */
export function compatibilityProblems(
  lock: ColumnsLock,
  tables: { readonly [event_type: string]: Pick<Table, 'columns'> },
): string[] {
  return Object.entries(lock.tables).flatMap(([type, locked]) => {
    const table = tables[type]
    return table
      ? tableProblems(type, locked, lockedColumnsOf(table))
      : [`${type}: the table was removed`]
  })
}

function tableProblems(type: string, locked: LockedColumns, now: LockedColumns): string[] {
  const problems: string[] = []
  for (const [path, before] of Object.entries(locked)) {
    const after = now[path]
    if (!after) problems.push(`${type}.${path} was removed`)
    else if (after.type !== before.type) {
      problems.push(`${type}.${path} was ${before.type} and is now ${after.type}`)
    } else if (after.required && !before.required) {
      problems.push(`${type}.${path} was optional and is now required`)
    }
  }
  for (const [path, after] of Object.entries(now)) {
    if (!locked[path] && after.required && !isInNewParent(path, locked)) {
      problems.push(`${type}.${path} is new and required: older rows have no value`)
    }
  }
  return problems
}

/** Parts of a new struct or list may be required: where the parent is null, so are they. */
function isInNewParent(path: string, locked: LockedColumns): boolean {
  const parent = path.replace(/(\.[^.[\]]+|\[\])$/, '')
  return parent !== path && (!locked[parent] || isInNewParent(parent, locked))
}

/** The lock that a release writes. */
export function columnsLockOf(
  release: string,
  tables: { readonly [event_type: string]: Pick<Table, 'columns'> },
): ColumnsLock {
  return {
    release,
    tables: Object.fromEntries(
      Object.entries(tables).map(([type, table]) => [type, lockedColumnsOf(table)]),
    ),
  }
}
