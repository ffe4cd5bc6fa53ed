-- One row per cart that something was put into: its value when last touched, and the first order of the same session or
-- customer after it was begun.
WITH begun AS (
  SELECT
    cart_key,
    MIN(occurred_at) AS created_at,
    MAX(occurred_at) AS touched_at,
    MIN(local_date) AS local_date,
    MAX(customer_id) AS customer_id,
    MIN(visitor_id) AS visitor_id,
    sum_whole(quantity) AS units,
    SUM(value) AS value
  FROM cart_events
  GROUP BY cart_key
  HAVING MAX(quantity) > 0
),
met AS (
  SELECT DISTINCT cart_key, session_key FROM cart_events
),
bought AS (
  SELECT v.cart_key, o.occurred_at
  FROM met AS v
  INNER JOIN order_sessions AS o ON o.session_key = v.session_key
  UNION ALL
  SELECT b.cart_key, o.occurred_at
  FROM begun AS b
  INNER JOIN order_created_once AS o ON o.customer_id = b.customer_id
),
first_bought AS (
  SELECT b.cart_key, MIN(o.occurred_at) AS ordered_at
  FROM begun AS b
  INNER JOIN bought AS o ON o.cart_key = b.cart_key AND o.occurred_at >= b.created_at
  GROUP BY b.cart_key
),
checkouts AS (
  SELECT v.cart_key, MIN(s.first_checkout_at) AS checkout_at
  FROM met AS v
  INNER JOIN visits AS s ON s.session_key = v.session_key AND s.first_checkout_at IS NOT NULL
  GROUP BY v.cart_key
)
SELECT
  b.cart_key,
  b.created_at,
  b.touched_at,
  b.local_date,
  b.customer_id,
  b.visitor_id,
  b.units,
  b.value,
  c.checkout_at,
  f.ordered_at
FROM begun AS b
LEFT JOIN first_bought AS f ON f.cart_key = b.cart_key
LEFT JOIN checkouts AS c ON c.cart_key = b.cart_key
