-- One row per order that was placed, as it was placed. Amounts are in the shop's currency, total_amount in the order's own.
-- days: order_created_once 0..0, order_lines 0..0
-- keep: days
WITH sums AS (
  SELECT
    order_id,
    COUNT(*) AS line_count,
    sum_whole(quantity) AS units,
    SUM(gross_sales) AS gross_sales,
    SUM(discounts) AS line_discounts
  FROM order_lines
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
  COALESCE(s.line_count, 0) AS line_count,
  COALESCE(s.units, 0) AS units,
  c.total_amount,
  CAST(c.shop_value AS DECIMAL(38, 4)) AS total,
  COALESCE(s.gross_sales, 0) AS gross_sales,
  COALESCE(s.line_discounts, 0)
    + COALESCE(in_shop_currency(COALESCE(c.discount_amount, 0), c.shop_rate), 0) AS discounts,
  COALESCE(in_shop_currency(COALESCE(c.shipping_amount, 0), c.shop_rate), 0) AS shipping,
  COALESCE(in_shop_currency(COALESCE(c.tax_amount, 0), c.shop_rate), 0) AS taxes
FROM order_created_once AS c
LEFT JOIN sums AS s ON s.order_id = c.order_id
