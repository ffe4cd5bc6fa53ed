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
  CAST(sum_items(c.items, i, 1) AS BIGINT) AS line_count,
  CAST(sum_items(c.items, i, i.quantity) AS BIGINT) AS units,
  c.total_amount,
  CAST(c.shop_value AS DECIMAL(38, 4)) AS total,
  sum_items(c.items, i, in_shop_currency(CAST(CAST(i.price AS DECIMAL(38, 4)) * i.quantity AS DECIMAL(38, 4)), c.shop_rate))
    AS gross_sales,
  sum_items(c.items, i, in_shop_currency(COALESCE(i.discount, 0), c.shop_rate))
    + COALESCE(in_shop_currency(COALESCE(c.discount_amount, 0), c.shop_rate), 0) AS discounts,
  COALESCE(in_shop_currency(COALESCE(c.shipping_amount, 0), c.shop_rate), 0) AS shipping,
  COALESCE(in_shop_currency(COALESCE(c.tax_amount, 0), c.shop_rate), 0) AS taxes
FROM order_created_once AS c
