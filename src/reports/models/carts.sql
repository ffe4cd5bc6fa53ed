-- One row per cart that something was put into: its value when last touched, and the first order of the same session or
-- customer after it was begun. dt is the UTC day on which it was begun.
-- days: session_carts 0..0, numbered_carts 0..0, order_created_once ..
WITH begun AS (
  SELECT cart_key, dt, created_at, touched_at, local_date, customer_id, visitor_id, units, value, checkout_at, ordered_at
  FROM session_carts
  UNION ALL
  SELECT cart_key, dt, created_at, touched_at, local_date, customer_id, visitor_id, units, value, checkout_at, ordered_at
  FROM numbered_carts
),
bought AS (
  SELECT b.cart_key, MIN(o.occurred_at) AS ordered_at
  FROM begun AS b
  INNER JOIN order_created_once AS o ON o.customer_id = b.customer_id AND o.occurred_at >= b.created_at
  GROUP BY b.cart_key
)
SELECT
  b.cart_key,
  b.dt,
  b.created_at,
  b.touched_at,
  b.local_date,
  b.customer_id,
  b.visitor_id,
  b.units,
  b.value,
  b.checkout_at,
  CASE WHEN o.ordered_at < b.ordered_at OR b.ordered_at IS NULL THEN o.ordered_at ELSE b.ordered_at END AS ordered_at
FROM begun AS b
LEFT JOIN bought AS o ON o.cart_key = b.cart_key
