import { createHash } from 'node:crypto'
import type { SeenDocument } from './documents.ts'
import type { ProjectContext } from './project-context.ts'

/** 22 characters of SHA-256: 132 bits, so that two texts never share one. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}

/** Whether this is the first time that `key` is applied; remembers it. The door forgets ids after its window, this table after 400 days. */
export function applyOnce(key: string, seen: SeenDocument, { workspace }: ProjectContext): boolean {
  if (workspace.get('seen', key)) return false
  workspace.put('seen', key, seen)
  return true
}
