-- One row per order that was placed, with what became of it. Amounts are in the shop's currency; status is cancelled,
-- refunded, delivered, shipped, paid or created; order_number counts a customer's orders from 1.
WITH sums AS (
  SELECT
    order_id,
    COUNT(*) AS line_count,
    sum_whole(quantity) AS units,
    SUM(gross_sales) AS gross_sales,
    SUM(discounts) AS line_discounts
  FROM order_items
  GROUP BY order_id
),
refunded AS (
  SELECT order_id, SUM(amount) AS refunded, COUNT(*) AS refund_count
  FROM refunds
  GROUP BY order_id
),
paid AS (
  SELECT order_id, SUM(amount) AS paid, MIN(occurred_at) AS paid_at
  FROM payments
  GROUP BY order_id
),
cancelled AS (
  SELECT order_id, MIN(occurred_at) AS cancelled_at, MIN(local_date) AS cancelled_date
  FROM order_cancelled
  WHERE source_kind <> 'browser'
  GROUP BY order_id
),
shipped AS (
  SELECT order_id, MIN(occurred_at) AS shipped_at
  FROM order_shipped
  WHERE source_kind <> 'browser'
  GROUP BY order_id
),
delivered AS (
  SELECT order_id, MIN(occurred_at) AS delivered_at
  FROM order_delivered
  WHERE source_kind <> 'browser'
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
  c.shipping_address.country AS country,
  c.shipping_address.city AS city,
  CASE
    WHEN x.order_id IS NOT NULL THEN 'cancelled'
    WHEN COALESCE(r.refunded, 0) > 0 THEN 'refunded'
    WHEN d.order_id IS NOT NULL THEN 'delivered'
    WHEN h.order_id IS NOT NULL THEN 'shipped'
    WHEN p.order_id IS NOT NULL THEN 'paid'
    ELSE 'created'
  END AS status,
  COALESCE(s.line_count, 0) AS line_count,
  COALESCE(s.units, 0) AS units,
  c.total_amount,
  CAST(c.shop_value AS DECIMAL(38, 4)) AS total,
  COALESCE(s.gross_sales, 0) AS gross_sales,
  COALESCE(s.line_discounts, 0)
    + COALESCE(in_shop_currency(COALESCE(c.discount_amount, 0), c.shop_rate), 0) AS discounts,
  COALESCE(in_shop_currency(COALESCE(c.shipping_amount, 0), c.shop_rate), 0) AS shipping,
  COALESCE(in_shop_currency(COALESCE(c.tax_amount, 0), c.shop_rate), 0) AS taxes,
  COALESCE(p.paid, 0) AS paid,
  p.paid_at,
  COALESCE(r.refunded, 0) AS refunded,
  COALESCE(r.refund_count, 0) AS refund_count,
  h.shipped_at,
  d.delivered_at,
  x.cancelled_at,
  x.cancelled_date,
  CASE
    WHEN c.customer_id IS NOT NULL
    THEN ROW_NUMBER() OVER (PARTITION BY c.customer_id ORDER BY c.occurred_at, c.order_id)
  END AS order_number
FROM order_created_once AS c
LEFT JOIN sums AS s ON s.order_id = c.order_id
LEFT JOIN refunded AS r ON r.order_id = c.order_id
LEFT JOIN paid AS p ON p.order_id = c.order_id
LEFT JOIN cancelled AS x ON x.order_id = c.order_id
LEFT JOIN shipped AS h ON h.order_id = c.order_id
LEFT JOIN delivered AS d ON d.order_id = c.order_id
