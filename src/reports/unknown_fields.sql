-- title: Unknown fields
-- question: Which fields come that no definition knows?
-- group: trust
-- note: They are kept, in the column extra of their event. By the day the event happened.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: limit count 1..500 = 100 | How many fields.
-- column: event_type text | Event type
-- column: field text | Field
-- column: source text | Source
-- column: events count | Events | drift_events
-- column: first_received_at timestamp | First received
-- column: last_received_at timestamp | Last received
-- chart: table
-- metrics: drift_events
-- models: events 0..0
SELECT
  e.event_type,
  k.key AS field,
  e.source,
  COUNT(*) AS events,
  MIN(e.received_at) AS first_received_at,
  MAX(e.received_at) AS last_received_at
FROM events e
CROSS JOIN each_key(e.extra, k)
WHERE between_dates(e.local_date, e.dt) AND e.extra IS NOT NULL
GROUP BY e.event_type, k.key, e.source
ORDER BY events DESC, e.event_type, field, e.source
LIMIT :limit
