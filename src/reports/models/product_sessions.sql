-- One row per product and day (local_date): the sessions that first saw it or put it into a cart on that day, within those
-- that began on a UTC day (dt).
-- days: session_acts 0..1
-- keep: days
WITH met AS (
  SELECT
    product_id,
    MIN(start_dt) AS dt,
    MIN(local_date) AS local_date,
    MAX(CASE WHEN event_type = 'product_view' THEN 1 ELSE 0 END) AS viewed,
    MAX(CASE WHEN event_type = 'add_to_cart' THEN 1 ELSE 0 END) AS carted
  FROM session_acts
  WHERE event_type IN ('product_view', 'add_to_cart')
  GROUP BY product_id, owner, mark
)
SELECT
  product_id,
  dt,
  local_date,
  sum_whole(viewed) AS viewing_sessions,
  sum_whole(carted) AS carting_sessions,
  sum_whole(viewed * carted) AS both_sessions
FROM met
GROUP BY product_id, dt, local_date
