-- One row per order that was placed, with what became of it. Amounts are in the shop's currency. status is cancelled,
-- refunded or partially_refunded, delivered (all parcels), shipped, paid (in full) or created. A browser's word on cancelling
-- and shipping counts only for orders that it alone reported.
-- days: placed_orders 0..0, payments -2.., refunds -2.., order_cancelled -2.., order_shipped -2.., order_delivered -2..
-- key: order_id
WITH refunded AS (
  SELECT
    order_id,
    SUM(amount) AS refunded,
    SUM(order_amount) AS order_amount,
    COUNT(*) AS refund_count
  FROM refunds
  GROUP BY order_id
),
paid AS (
  SELECT
    order_id,
    SUM(amount) AS paid,
    SUM(order_amount) AS order_amount,
    MAX(occurred_at) AS paid_at
  FROM payments
  GROUP BY order_id
),
cancelled AS (
  SELECT
    order_id,
    MAX(occurred_at) AS any_at,
    MAX(local_date) AS any_date,
    MAX(CASE WHEN source_kind <> 'browser' THEN occurred_at END) AS trusted_at,
    MAX(CASE WHEN source_kind <> 'browser' THEN local_date END) AS trusted_date
  FROM order_cancelled
  GROUP BY order_id
),
parcel_events AS (
  SELECT order_id, shipment_id, source_kind, occurred_at AS shipped_at, CAST(NULL AS TIMESTAMP) AS delivered_at
  FROM order_shipped
  UNION ALL
  SELECT order_id, shipment_id, source_kind, CAST(NULL AS TIMESTAMP) AS shipped_at, occurred_at AS delivered_at
  FROM order_delivered
),
parcels AS (
  SELECT
    e.order_id,
    e.shipment_id,
    MAX(e.shipped_at) AS shipped_at,
    MAX(e.delivered_at) AS delivered_at
  FROM parcel_events AS e
  INNER JOIN placed_orders AS c ON c.order_id = e.order_id
  WHERE e.source_kind <> 'browser' OR c.source_kind = 'browser'
  GROUP BY e.order_id, e.shipment_id
),
sent AS (
  SELECT
    order_id,
    MAX(shipped_at) AS shipped_at,
    MAX(delivered_at) AS delivered_at,
    COUNT(*) = COUNT(delivered_at)
      OR BOOL_OR(shipment_id IS NULL AND delivered_at IS NOT NULL) AS all_delivered
  FROM parcels
  GROUP BY order_id
)
SELECT
  c.order_id,
  c.event_id,
  c.occurred_at,
  c.local_date,
  c.local_hour,
  c.dt,
  c.customer_id,
  c.anonymous_id,
  c.session_id,
  c.source,
  c.source_kind,
  c.channel,
  c.device,
  c.currency,
  c.payment_method,
  c.coupon,
  c.country,
  c.city,
  CASE
    WHEN x.order_id IS NOT NULL THEN 'cancelled'
    WHEN r.order_amount >= CASE WHEN p.order_amount > 0 THEN p.order_amount ELSE c.total_amount END
      AND r.order_amount > 0 THEN 'refunded'
    WHEN r.order_amount > 0 THEN 'partially_refunded'
    WHEN h.all_delivered THEN 'delivered'
    WHEN h.order_id IS NOT NULL THEN 'shipped'
    WHEN p.order_amount >= c.total_amount THEN 'paid'
    ELSE 'created'
  END AS status,
  c.line_count,
  c.units,
  c.total_amount,
  c.total,
  c.gross_sales,
  c.discounts,
  c.shipping,
  c.taxes,
  COALESCE(p.paid, 0) AS paid,
  p.paid_at,
  COALESCE(r.refunded, 0) AS refunded,
  COALESCE(r.refund_count, 0) AS refund_count,
  COALESCE(r.refunded, 0) + CASE
    WHEN x.order_id IS NULL OR c.gross_sales - c.discounts <= COALESCE(r.refunded, 0) THEN 0
    ELSE c.gross_sales - c.discounts - COALESCE(r.refunded, 0)
  END AS sales_reversals,
  h.shipped_at,
  h.delivered_at,
  CASE WHEN c.source_kind = 'browser' THEN x.any_at ELSE x.trusted_at END AS cancelled_at,
  CASE WHEN c.source_kind = 'browser' THEN x.any_date ELSE x.trusted_date END AS cancelled_date
FROM placed_orders AS c
LEFT JOIN refunded AS r ON r.order_id = c.order_id
LEFT JOIN paid AS p ON p.order_id = c.order_id
LEFT JOIN cancelled AS x
  ON x.order_id = c.order_id AND (x.trusted_at IS NOT NULL OR c.source_kind = 'browser')
LEFT JOIN sent AS h ON h.order_id = c.order_id
