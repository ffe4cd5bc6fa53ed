-- One row per cart_id that something was put into, whatever sessions met it and on whatever days. dt is the UTC day on which
-- it was begun; ordered_at the first order of any of those sessions after that.
-- days: cart_events .., order_sessions ..
WITH changes AS (
  SELECT * FROM cart_events WHERE cart_id IS NOT NULL
),
touched AS (
  SELECT
    cart_id,
    MIN(dt) AS dt,
    MIN(occurred_at) AS created_at,
    MAX(occurred_at) AS touched_at,
    MIN(local_date) AS local_date,
    MAX(customer_id) AS customer_id,
    MIN(visitor_id) AS visitor_id,
    sum_whole(quantity) AS units,
    SUM(value) AS value,
    MIN(checkout_at) AS checkout_at
  FROM changes
  GROUP BY cart_id
  HAVING MAX(quantity) > 0
),
bought AS (
  SELECT t.cart_id, MIN(o.occurred_at) AS ordered_at
  FROM touched AS t
  INNER JOIN changes AS c ON c.cart_id = t.cart_id
  INNER JOIN order_sessions AS o ON o.session_key = c.session_key AND o.occurred_at >= t.created_at
  GROUP BY t.cart_id
)
SELECT
  t.cart_id AS cart_key,
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
LEFT JOIN bought AS b ON b.cart_id = t.cart_id
