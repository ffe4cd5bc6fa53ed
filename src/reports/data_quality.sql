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
-- column: delay_p50_s seconds | Median delay | event_delay
-- column: delay_p95_s seconds | 95th percentile | event_delay
-- column: drift_events count | With unknown fields | drift_events
-- column: bot_events count | Bots | bot_events
-- column: mismatch_events count | Amounts off | amount_mismatch
-- column: unvalued_events count | Without a rate | unvalued_events
-- column: replayed_events count | Replayed
-- column: denied_events count | Consent denied
-- column: last_received_at timestamp | Last received, UTC
-- chart: table
-- metrics: late_events, event_delay, drift_events, bot_events, amount_mismatch, unvalued_events
-- models: event_sums -1..1
WITH counted AS (
  SELECT
    source,
    event_type,
    delay_ms,
    SUM(events) AS events,
    SUM(drift_events) AS drift_events,
    SUM(bot_events) AS bot_events,
    SUM(mismatch_events) AS mismatch_events,
    SUM(unvalued_events) AS unvalued_events,
    SUM(replayed_events) AS replayed_events,
    SUM(denied_events) AS denied_events,
    MAX(last_received_at) AS last_received_at
  FROM event_sums
  WHERE between_dates(local_date)
  GROUP BY source, event_type, delay_ms
),
ranked AS (
  SELECT
    c.*,
    SUM(events) OVER (PARTITION BY source, event_type) AS all_events,
    SUM(events) OVER (PARTITION BY source, event_type ORDER BY delay_ms ROWS UNBOUNDED PRECEDING) AS up_to
  FROM counted AS c
)
SELECT
  source,
  event_type,
  sum_whole(events) AS events,
  COALESCE(sum_whole(CASE WHEN delay_ms > 3600000 THEN events END), 0) AS late_events,
  ratio(MIN(CASE WHEN up_to * 2 >= all_events THEN delay_ms END), 1000) AS delay_p50_s,
  ratio(MIN(CASE WHEN up_to * 20 >= all_events * 19 THEN delay_ms END), 1000) AS delay_p95_s,
  sum_whole(drift_events) AS drift_events,
  sum_whole(bot_events) AS bot_events,
  sum_whole(mismatch_events) AS mismatch_events,
  sum_whole(unvalued_events) AS unvalued_events,
  sum_whole(replayed_events) AS replayed_events,
  sum_whole(denied_events) AS denied_events,
  MAX(last_received_at) AS last_received_at
FROM ranked
GROUP BY source, event_type
ORDER BY source, event_type
