import { BEHAVIOUR_KEY, defineEvent } from '../event.ts'
import { count, optional, required, text } from '../scalar.ts'

export const search = defineEvent({
  type: 'search',
  description: 'A visitor searched the shop.',
  effect: 'none',
  partition_key: BEHAVIOUR_KEY,
  fields: {
    search_term: required(text(500), 'What was searched for.'),
    results: optional(count(), 'How many results were shown; 0 is the interesting one.'),
  },
  example: {
    event_type: 'search',
    timestamp: '2025-01-15T10:24:00Z',
    session_id: 'sess_abc123',
    search_term: 'laptop',
    results: 12,
  },
})
