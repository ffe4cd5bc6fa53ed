/** What a dead letter can be. */
export const LETTER_STATUSES = ['open', 'replayed'] as const
