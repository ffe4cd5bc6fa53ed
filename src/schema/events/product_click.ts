import { BEHAVIOUR_KEY, defineEvent } from '../event.ts'
import { count, id, optional, required, text } from '../scalar.ts'

export const productClick = defineEvent({
  type: 'product_click',
  description: 'A product was clicked in a list, a search result or a recommendation.',
  effect: 'none',
  partition_key: BEHAVIOUR_KEY,
  fields: {
    product_id: required(id(), 'The product.'),
    list: optional(text(200), 'Which list it stood in, such as search or home.'),
    position: optional(count(1), 'Its place in the list, from 1.'),
    search_term: optional(text(500), 'The search that showed it.'),
  },
  example: {
    event_type: 'product_click',
    timestamp: '2025-01-15T10:24:30Z',
    session_id: 'sess_abc123',
    product_id: 'prod_001',
    list: 'search',
    position: 3,
    search_term: 'laptop',
  },
})
