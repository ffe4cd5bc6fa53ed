import { BEHAVIOUR_KEY, defineEvent } from '../event.ts'
import { identity, json, optional, required, text } from '../scalar.ts'

export const customEvent = defineEvent({
  type: 'custom_event',
  description: 'Anything else: a name and properties of your own.',
  effect: 'none',
  partition_key: BEHAVIOUR_KEY,
  fields: {
    name: required(text(200), 'What happened.'),
    properties: optional(identity(json()), 'Whatever belongs to it.'),
  },
  example: {
    event_type: 'custom_event',
    timestamp: '2025-01-15T10:21:00Z',
    session_id: 'sess_abc123',
    name: 'newsletter_signup',
    properties: { list: 'weekly' },
  },
})
