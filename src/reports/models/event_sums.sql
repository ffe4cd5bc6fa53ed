-- Events added up: one row per UTC day (dt), day of the shop's clock, source, event type and delay_ms, the milliseconds from when it
-- happened to when it was received. Negative where the client's clock is ahead.
-- days: events 0..0
-- keep: days
SELECT
  dt,
  local_date,
  source,
  event_type,
  ms_between(occurred_at, received_at) AS delay_ms,
  COUNT(*) AS events,
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
GROUP BY dt, local_date, source, event_type, ms_between(occurred_at, received_at)
