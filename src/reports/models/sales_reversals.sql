-- One row per refund, and one per cancelled order for what it was worth beyond its refunds; on the day it happened, in
-- the shop's currency.
-- days: refunds .., order_cancelled .., placed_orders ..
WITH cancelled AS (
  SELECT
    p.order_id,
    p.customer_id,
    p.gross_sales - p.discounts AS worth,
    MAX(e.occurred_at) AS occurred_at,
    MAX(e.local_date) AS local_date,
    MAX(e.dt) AS dt
  FROM order_cancelled AS e
  INNER JOIN placed_orders AS p ON p.order_id = e.order_id
  WHERE e.source_kind <> 'browser' OR p.source_kind = 'browser'
  GROUP BY p.order_id, p.customer_id, p.gross_sales - p.discounts
),
refunded AS (
  SELECT order_id, SUM(amount) AS amount FROM refunds GROUP BY order_id
)
SELECT 'refund' AS kind, order_id, occurred_at, local_date, dt, customer_id, reason, amount
FROM refunds
UNION ALL
SELECT
  'cancellation' AS kind,
  c.order_id,
  c.occurred_at,
  c.local_date,
  c.dt,
  c.customer_id,
  CAST(NULL AS VARCHAR) AS reason,
  c.worth - COALESCE(r.amount, 0) AS amount
FROM cancelled AS c
LEFT JOIN refunded AS r ON r.order_id = c.order_id
WHERE c.worth > COALESCE(r.amount, 0)
