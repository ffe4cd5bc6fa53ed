-- title: Data quality
-- question: Can the numbers be trusted: what came late, drifted, or does not add up?
-- group: trust
-- note: By the day the event happened. Received, duplicate and rejected events are counted by the ledger.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- column: source text | Source
-- column: event_type text | Event type
-- column: events count | Events
-- column: late_events count | Late | late_events
-- column: delay_p50_s number | Median delay, seconds | event_delay
-- column: delay_p95_s number | 95th percentile delay, seconds | event_delay
-- column: drift_events count | With unknown fields | drift_events
-- column: bot_events count | Bots | bot_events
-- column: mismatch_events count | Amounts off | amount_mismatch
-- column: unvalued_events count | Without a rate | unvalued_events
-- column: replayed_events count | Replayed
-- column: denied_events count | Consent denied
-- column: last_received_at timestamp | Last received, UTC
-- chart: table
-- metrics: late_events, event_delay, drift_events, bot_events, amount_mismatch, unvalued_events
-- models: events 0..0
SELECT
  source,
  event_type,
  COUNT(*) AS events,
  COUNT(*) FILTER (WHERE ms_between(occurred_at, received_at) > 3600000) AS late_events,
  ratio(percentile(ms_between(occurred_at, received_at), 0.5), 1000) AS delay_p50_s,
  ratio(percentile(ms_between(occurred_at, received_at), 0.95), 1000) AS delay_p95_s,
  COUNT(*) FILTER (WHERE extra IS NOT NULL) AS drift_events,
  COUNT(*) FILTER (WHERE bot) AS bot_events,
  COUNT(*) FILTER (WHERE amount_mismatch) AS mismatch_events,
  COUNT(*) FILTER (
    WHERE shop_value IS NULL AND event_type IN ('order_created', 'order_paid', 'order_refunded')
  ) AS unvalued_events,
  COUNT(*) FILTER (WHERE replay_of IS NOT NULL) AS replayed_events,
  COUNT(*) FILTER (WHERE consent = 'denied') AS denied_events,
  MAX(received_at) AS last_received_at
FROM events
WHERE between_dates(local_date, dt)
GROUP BY source, event_type
ORDER BY source, event_type
