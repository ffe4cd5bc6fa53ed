-- One row per refund, and one per cancelled order for what it was worth beyond its refunds; on the day it happened, in
-- the shop's currency. country is where the order goes. A browser's word on cancelling counts only for orders that it alone reported.
-- days: refunds .., order_cancelled .., placed_orders ..
WITH told AS (
  SELECT 'refund' AS kind, event_id, order_id, occurred_at, local_date, dt, FALSE AS by_browser, customer_id, reason, amount
  FROM refunds
  UNION ALL
  SELECT
    'cancellation' AS kind, event_id, order_id, occurred_at, local_date, dt, source_kind = 'browser' AS by_browser,
    CAST(NULL AS VARCHAR) AS customer_id, reason, CAST(NULL AS DECIMAL(38, 4)) AS amount
  FROM order_cancelled
),
reversed AS (
  SELECT
    t.kind,
    t.order_id,
    MAX(t.occurred_at) AS occurred_at,
    MAX(t.local_date) AS local_date,
    MAX(t.dt) AS dt,
    MAX(CASE WHEN t.kind = 'refund' THEN t.customer_id ELSE p.customer_id END) AS customer_id,
    latest(t.reason, t.occurred_at, t.event_id) AS reason,
    MAX(p.country) AS country,
    MAX(t.amount) AS refunded,
    MAX(p.gross_sales - p.discounts) AS worth
  FROM told AS t
  LEFT JOIN placed_orders AS p ON p.order_id = t.order_id
  WHERE NOT t.by_browser OR p.source_kind = 'browser'
  GROUP BY t.kind, t.order_id, CASE WHEN t.kind = 'refund' THEN t.event_id END
),
valued AS (
  SELECT
    r.*,
    CASE
      WHEN kind = 'refund' THEN refunded
      ELSE worth - COALESCE(SUM(refunded) OVER (PARTITION BY order_id), 0)
    END AS amount
  FROM reversed AS r
)
SELECT kind, order_id, occurred_at, local_date, dt, customer_id, reason, country, amount
FROM valued
WHERE kind = 'refund' OR amount > 0
