import type { DeadLetterDocument } from './documents.ts'
import type { ProjectContext } from './project-context.ts'

/** A dead-letter line of a record becomes a document; refused again on replay, it stays one with its new reason. */
export function keepDeadLetter(letter: DeadLetterDocument, { workspace }: ProjectContext): void {
  const first =
    letter.replay_of === undefined ? undefined : workspace.get('dead_letters', letter.replay_of)
  if (!first) {
    workspace.put('dead_letters', letter.dead_letter_id, { ...letter, status: 'open' })
    return
  }
  const kept = workspace.edit('dead_letters', first.dead_letter_id, () => first)
  kept.reason = letter.reason
  kept.path = letter.path
  kept.message = letter.message
  kept.status = 'open'
  kept.refused_again = (kept.refused_again ?? 0) + 1
  delete kept.replayed_at
}

/** The event of a dead letter was accepted after all. */
export function markReplayed(
  dead_letter_id: string,
  at: string,
  { workspace }: ProjectContext,
): void {
  const letter = workspace.get('dead_letters', dead_letter_id)
  if (!letter) return
  workspace.put('dead_letters', dead_letter_id, { ...letter, status: 'replayed', replayed_at: at })
}
