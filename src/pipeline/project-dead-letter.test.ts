import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DeadLetterDocument } from './documents.ts'
import type { ProjectContext } from './project-context.ts'
import { keepDeadLetter, markReplayed, settleDuplicate } from './project-dead-letter.ts'
import { createWorkspace } from './project-workspace.ts'
import type { RecordHeader } from './record.ts'

const ID = '2025-02-01T12:00:00.000Z:refused:0'
const AT = Date.parse('2025-02-01T13:00:00Z')
const LETTER = { dead_letter_id: ID, reason: 'missing_field', message: 'at first', status: 'open' }
const AGAIN = { ...LETTER, dead_letter_id: 'again', message: 'again', replay_of: ID }

type Step = (context: ProjectContext) => void
const refused: Step = (context) => keepDeadLetter(AGAIN as DeadLetterDocument, context)
const accepted: Step = (context) => markReplayed(ID, new Date(AT).toISOString(), context)
const duplicate: Step = (context) =>
  settleDuplicate(
    { replay_of: ID, duplicates: { search: 1 }, received_at: AT } as unknown as RecordHeader,
    context,
  )

function madeOf(steps: readonly Step[]) {
  const workspace = createWorkspace({ get: () => undefined, pages: () => [] })
  const context = { workspace } as unknown as ProjectContext
  keepDeadLetter(LETTER as DeadLetterDocument, context)
  for (const step of steps) step(context)
  return workspace.get('dead_letters', ID)
}

test.each([
  { what: 'an acceptance', steps: [refused, accepted], replayed_as: 'accepted' },
  { what: 'a duplicate', steps: [refused, duplicate], replayed_as: 'duplicate' },
  { what: 'both', steps: [refused, accepted, duplicate], replayed_as: 'accepted' },
])('a refused replay and $what settle a dead letter, in any order', ({ steps, replayed_as }) => {
  const truth = madeOf(steps)
  expect(truth).toMatchObject({ status: 'replayed', replayed_as, refused_again: 1 })
  fc.assert(
    fc.property(fc.shuffledSubarray(steps, { minLength: steps.length }), (shuffled) => {
      expect(madeOf(shuffled)).toEqual(truth)
    }),
  )
})
