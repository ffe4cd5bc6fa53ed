-- Sessions added up by product: one row per UTC day on which they began (dt), product, and day of the shop's clock on which they
-- first met it (local_date): how many saw it, put it into a cart, and did both.
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
  dt,
  product_id,
  local_date,
  sum_whole(viewed) AS viewing_sessions,
  sum_whole(carted) AS carting_sessions,
  sum_whole(viewed * carted) AS both_sessions
FROM met
GROUP BY dt, product_id, local_date
