import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ProjectContext } from '../pipeline/project-context.ts'
import { buryBrowsers } from '../pipeline/project-tombstone.ts'
import type { Workspace } from '../pipeline/project-workspace.ts'
import type { Store, StoreChange } from '../ports.ts'

/** Erases the past of browsers that were marked, and takes erased bytes off the disk, once per batch of tombstones, also when a crash came between erase and scrub. */
export interface Scrubbing {
  /** A tombstone is about to be committed. */
  request(): void
  pending(): boolean
  /** Scrubs if there is need, with nothing uncommitted in the workspace. Rejects as `Store.scrub` does: call it again. */
  run(): Promise<void>
}

/** Tombstones that were not scrubbed when this is made count as a request. */
export function createScrubbing(
  store: Store,
  project: ProjectContext,
  now: () => number,
): Scrubbing {
  const { workspace } = project
  let needed = unscrubbed(workspace, '').length > 0
  return {
    request() {
      needed = true
    },
    pending: () => needed,
    async run() {
      if (!needed) return
      needed = false
      try {
        for (const _ of buryBrowsers(project)) await nextTurn()
        await store.change(workspace.changes())
        workspace.committed()
        await store.scrub()
        for (const { table, key, document } of unscrubbed(
          workspace,
          new Date(now()).toISOString(),
        )) {
          workspace.put(table, key, document as never)
        }
        await store.change(workspace.changes())
        workspace.committed()
      } catch (error) {
        workspace.discard()
        needed = true
        throw error
      }
    },
  }
}

function unscrubbed(workspace: Workspace, scrubbed_at: string): StoreChange[] {
  const found: StoreChange[] = []
  for (const page of workspace.pages('tombstones', '')) {
    for (const [key, document] of page) {
      if (document.scrubbed_at !== undefined) continue
      found.push({ table: 'tombstones', key, document: { ...document, scrubbed_at } })
    }
  }
  return found
}
