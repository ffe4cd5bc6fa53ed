-- One row per refund, and one per cancelled order for what it was worth beyond its refunds; on the day it happened, in
-- the shop's currency. order_date is the day of the order, null where the order is not known.
SELECT
  'refund' AS kind,
  r.order_id,
  r.occurred_at,
  r.local_date,
  r.customer_id,
  r.reason,
  r.amount,
  o.local_date AS order_date
FROM refunds AS r
LEFT JOIN order_created_once AS o ON o.order_id = r.order_id
UNION ALL
SELECT
  'cancellation' AS kind,
  order_id,
  cancelled_at AS occurred_at,
  cancelled_date AS local_date,
  customer_id,
  CAST(NULL AS VARCHAR) AS reason,
  sales_reversals - refunded AS amount,
  local_date AS order_date
FROM orders
WHERE cancelled_at IS NOT NULL AND sales_reversals > refunded
