-- One row per thing a visitor did, orders included (once for each UTC day that tells of one), with the session it belongs to:
-- by session_id where the event has one, until it was silent for a whole UTC day; else the visitor's activity without a gap
-- of 30 minutes, cut after 24 hours. A session ends with the UTC day after the one it began on. An order without session_id
-- joins the latest session of the same browser or customer that had begun within 24 hours before it. Bots are left out.
-- days: session_acts 0..0, order_sessions 0..0
SELECT
  event_type, event_id, occurred_at, local_date, local_hour, dt, session_key, customer_id, anonymous_id, visitor_id, channel,
  device, page_url, product_id, source, CAST(NULL AS VARCHAR) AS order_id
FROM session_acts
UNION ALL
SELECT
  'order_created' AS event_type, event_id, occurred_at, local_date, local_hour, dt, session_key, customer_id, anonymous_id,
  visitor_id, channel, device, page_url, CAST(NULL AS VARCHAR) AS product_id, source, order_id
FROM order_sessions
