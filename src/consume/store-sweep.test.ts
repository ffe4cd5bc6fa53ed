import { describe, expect, it } from 'vitest'
import { createWorkspace } from '../pipeline/project-workspace.ts'
import { createSweep } from './store-sweep.ts'

const NOW = Date.parse('2025-06-01T00:00:00Z')
const OLD = { session_id: 's1', last_at: '2025-01-01T00:00:00.000Z' }

function openSweep() {
  const workspace = createWorkspace({ get: () => structuredClone(OLD) as never, pages: () => [] })
  const list = (table: string) =>
    table === 'sessions' ? [{ key: OLD.session_id, document: OLD }] : []
  return { workspace, sweep: createSweep({ store: { list }, workspace, dead_letter_days: 30 }) }
}

describe('the sweep', () => {
  it('removes a visit that is past keeping', () => {
    const { workspace, sweep } = openSweep()
    expect(sweep.step(NOW)).toBe(1)
    expect(workspace.get('sessions', 's1')).toBeUndefined()
  })

  it('leaves one that goes on, though the store does not know yet', () => {
    const { workspace, sweep } = openSweep()
    const visit = workspace.editLater('sessions', 's1', () => ({ ...OLD }) as never)
    visit.last_at = '2025-05-31T23:59:00.000Z'
    expect(sweep.step(NOW)).toBe(0)
    expect(workspace.get('sessions', 's1')).toMatchObject({ last_at: visit.last_at })
  })
})
