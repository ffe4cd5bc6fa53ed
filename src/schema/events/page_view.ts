import { BEHAVIOUR_KEY, defineEvent } from '../event.ts'
import { optional, text } from '../scalar.ts'

export const pageView = defineEvent({
  type: 'page_view',
  description: 'A page was shown.',
  effect: 'none',
  partition_key: BEHAVIOUR_KEY,
  fields: {
    title: optional(text(500), 'Title of the page.'),
  },
  example: {
    event_type: 'page_view',
    timestamp: '2025-01-15T10:20:00Z',
    session_id: 'sess_abc123',
    page_url: '/',
    title: 'Home',
  },
})
