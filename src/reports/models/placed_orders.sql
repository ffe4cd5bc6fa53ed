-- One row per order that was placed, as it was placed. Amounts are in the shop's currency, total_amount in the order's own.
-- days: order_created_once 0..0
-- key: order_id
-- use: in place
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
  c.line_count,
  c.units,
  c.total_amount,
  CAST(c.shop_value AS DECIMAL(38, 4)) AS total,
  c.gross_sales,
  c.discounts,
  c.shipping,
  c.taxes
FROM order_created_once AS c
