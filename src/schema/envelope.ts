import type { Column, ColumnField } from './column.ts'
import { MONEY } from './column.ts'
import {
  type Fields,
  id,
  identity,
  oneOf,
  optional,
  required,
  text,
  timestamp,
  url,
} from './scalar.ts'

/** Longest event_id in characters. */
export const EVENT_ID_LIMIT = 100

/** What every event may carry beside its own fields. `event_type` stands apart: it chooses the definition. */
export const ENVELOPE = {
  event_id: optional(
    id(EVENT_ID_LIMIT),
    'Makes a re-sent event the same event. Derived from the natural key, else assigned, when missing.',
  ),
  timestamp: required(timestamp(), 'When it happened, by the sender. `occurred_at` in tables.'),
  sent_at: optional(timestamp(), 'When the sender sent it, by the same clock as `timestamp`.'),
  session_id: optional(identity(id()), 'The visit.'),
  customer_id: optional(identity(id()), "The shop's own customer number."),
  anonymous_id: optional(identity(id()), 'The browser, before it is known who uses it.'),
  page_url: optional(identity(url()), 'The page it happened on, absolute or relative.'),
  referrer: optional(identity(url()), 'Where the visitor came from: a URL or a bare host.'),
  user_agent: optional(
    identity(text(1000)),
    "The visitor's browser; the request header when missing.",
  ),
  consent: optional(
    oneOf(['granted', 'denied', 'unknown']),
    'Whether the visitor agreed to be measured. With `denied` no identity is kept.',
  ),
} satisfies Fields

const STRING: Column = { kind: 'string' }

function added(
  name: string,
  column: Column,
  description: string,
  traits: { required?: boolean; identity?: boolean } = {},
): ColumnField {
  return {
    name,
    column,
    description,
    required: traits.required ?? false,
    identity: traits.identity ?? false,
  }
}

/** Columns that the collector adds to every row, in stored order. */
export const COLLECTED: readonly ColumnField[] = [
  added('received_at', { kind: 'timestamp' }, 'When the collector took the request, UTC.', {
    required: true,
  }),
  added('source', STRING, 'Name of the key that sent it.', { required: true }),
  added('source_kind', STRING, 'browser, server, webhook or import.', { required: true }),
  added('network', STRING, "The sender's address, cut to /24 or /48.", { identity: true }),
  added('channel', STRING, 'Marketing channel by the event alone: UTM, click id, referrer.'),
  added('utm_source', STRING, 'From the page URL.'),
  added('utm_medium', STRING, 'From the page URL.'),
  added('utm_campaign', STRING, 'From the page URL.'),
  added('utm_term', STRING, 'From the page URL.'),
  added('utm_content', STRING, 'From the page URL.'),
  added('click_id', STRING, 'Name of the ad click id on the page URL, such as gclid.'),
  added('device', STRING, 'desktop, mobile, tablet or other; null without a user agent.'),
  added('bot', { kind: 'boolean' }, 'Whether the user agent says that it is a program.', {
    required: true,
  }),
  added('local_date', { kind: 'date' }, "Calendar day of occurred_at in the shop's time zone.", {
    required: true,
  }),
  added('local_hour', { kind: 'int32' }, "Hour of occurred_at in the shop's time zone, 0 to 23.", {
    required: true,
  }),
  added('shop_value', MONEY, "The event's amount in the shop's currency; null without a rate."),
  added(
    'fx_rate',
    { kind: 'double' },
    'Shop currency per unit of the event currency that was used.',
  ),
  added('fx_date', { kind: 'date' }, 'Day of that rate.'),
  added('amount_mismatch', { kind: 'boolean' }, 'Whether the items do not add up to the total.'),
  added('replay_of', STRING, 'The dead letter that this event was replayed from.'),
  added('extra', { kind: 'json' }, 'Fields that the schema does not know, by path.', {
    identity: true,
  }),
]

/** Column that the lake adds when it writes the row. */
export const WRITTEN: ColumnField = added(
  'written_at',
  { kind: 'timestamp' },
  'When the lake wrote the row, UTC.',
  { required: true },
)
