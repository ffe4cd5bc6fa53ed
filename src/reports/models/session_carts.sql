-- One row per cart without a cart_id that something was put into: that of a session. dt is the UTC day on which it was begun;
-- ordered_at the session's first order after that.
-- days: cart_events -1..1, order_sessions 0..1
-- keep: days
WITH touched AS (
  SELECT
    session_key,
    MIN(dt) AS dt,
    MIN(occurred_at) AS created_at,
    MAX(occurred_at) AS touched_at,
    MIN(local_date) AS local_date,
    MAX(customer_id) AS customer_id,
    MIN(visitor_id) AS visitor_id,
    sum_whole(quantity) AS units,
    SUM(value) AS value,
    MIN(checkout_at) AS checkout_at
  FROM cart_events
  WHERE cart_id IS NULL
  GROUP BY session_key
  HAVING MAX(quantity) > 0
),
bought AS (
  SELECT t.session_key, MIN(o.occurred_at) AS ordered_at
  FROM touched AS t
  INNER JOIN order_sessions AS o ON o.session_key = t.session_key AND o.occurred_at >= t.created_at
  GROUP BY t.session_key
)
SELECT
  t.session_key AS cart_key,
  t.dt,
  t.created_at,
  t.touched_at,
  t.local_date,
  t.customer_id,
  t.visitor_id,
  t.units,
  t.value,
  t.checkout_at,
  b.ordered_at
FROM touched AS t
LEFT JOIN bought AS b ON b.session_key = t.session_key
