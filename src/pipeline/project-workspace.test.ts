import { expect, test } from 'vitest'
import { createWorkspace, type DocumentSource } from './project-workspace.ts'

const NOTHING: DocumentSource = { get: () => undefined, pages: () => [] }
const identity = () => ({ customer_ids: [] }) as never

test.each([{ before: [] }, { before: ['a'] }])(
  'what is changed while a commit of $before is on its way is for the next one',
  ({ before }) => {
    const workspace = createWorkspace(NOTHING)
    for (const key of before) workspace.edit('identities', key, identity)
    expect(workspace.changes().map(({ key }) => key)).toEqual(before)
    workspace.underWay([1])
    workspace.edit('identities', 'b', identity)
    workspace.committed()
    expect(workspace.changes().map(({ key }) => key)).toEqual(['b'])
  },
)
