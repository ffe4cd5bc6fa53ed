import type { DeadLetterDocument } from './documents.ts'
import { DAY_MS, type ProjectContext } from './project-context.ts'
import type { RecordHeader } from './record.ts'

/**
 * A dead-letter line of a record becomes a document; refused again on replay, it stays one with its new reason, also where another
 * replay has settled it: buckets are read in any order, so the refusal may be the older one. The same refusal of the same row of a
 * file, imported again, is the dead letter that it was.
 */
export function keepDeadLetter(letter: DeadLetterDocument, context: ProjectContext): void {
  const { workspace } = context
  const first =
    letter.replay_of === undefined ? undefined : workspace.get('dead_letters', letter.replay_of)
  if (!first) {
    if (!claimRow(letter, context)) return
    workspace.put('dead_letters', letter.dead_letter_id, { ...letter, status: 'open' })
    return
  }
  const kept = workspace.edit('dead_letters', first.dead_letter_id, () => first)
  kept.reason = letter.reason
  kept.path = letter.path
  kept.message = letter.message
  kept.refused_again = (kept.refused_again ?? 0) + 1
}

/**
 * Makes a dead letter stand for its row of a file from now on; false where another does already, until that is past keeping. One
 * that comes from no file has no row to share.
 */
export function claimRow(
  { fingerprint, dead_letter_id, received_at }: DeadLetterDocument,
  { workspace }: ProjectContext,
): boolean {
  if (fingerprint === undefined) return true
  const key = `letter/${fingerprint}`
  const known = workspace.get('seen', key)?.dead_letter_id ?? dead_letter_id
  if (known !== dead_letter_id && workspace.get('dead_letters', known)) return false
  const day = Math.floor(Date.parse(received_at) / DAY_MS)
  workspace.put('seen', key, { day, dead_letter_id })
  return true
}

/** The event of a dead letter was accepted after all. */
export function markReplayed(
  dead_letter_id: string,
  replayed_at: string,
  { workspace }: ProjectContext,
): void {
  const letter = workspace.get('dead_letters', dead_letter_id)
  if (letter)
    workspace.put('dead_letters', dead_letter_id, replayed(letter, replayed_at, 'accepted'))
}

/** A replay was a duplicate: the event of the dead letter is there, by whatever way it came, and the letter is settled. */
export function settleDuplicate(header: RecordHeader, { workspace }: ProjectContext): void {
  const { replay_of, duplicates } = header
  if (replay_of === undefined || Object.keys(duplicates).length === 0) return
  const letter = workspace.get('dead_letters', replay_of)
  // Of two replays at once the second is a duplicate of the first, which has said already what the letter became.
  if (letter?.status !== 'open') return
  const at = new Date(header.received_at).toISOString()
  workspace.put('dead_letters', replay_of, replayed(letter, at, 'duplicate'))
}

function replayed(
  letter: DeadLetterDocument,
  replayed_at: string,
  replayed_as: NonNullable<DeadLetterDocument['replayed_as']>,
): DeadLetterDocument {
  return { ...letter, status: 'replayed', replayed_at, replayed_as }
}
