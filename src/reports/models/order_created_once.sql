-- One row per order_id that an order_created named: what all of them say together, as in day_orders.
-- days: day_orders 0..0, spread_orders ..
-- key: order_id
-- use: in place
SELECT
  d.order_id, d.event_id, d.occurred_at, d.local_date, d.local_hour, d.dt, d.customer_id, d.anonymous_id,
  d.session_id, d.source, d.source_kind, d.channel, d.device, d.page_url, d.currency, d.items, d.total_amount,
  d.discount_amount, d.shipping_amount, d.tax_amount, d.shop_value, d.amount_mismatch, d.coupon, d.payment_method,
  d.shipping_address, d.reports, d.shop_rate, d.line_count, d.units, d.gross_sales, d.discounts, d.shipping, d.taxes
FROM day_orders AS d
LEFT JOIN spread_orders AS s ON s.order_id = d.order_id
WHERE s.order_id IS NULL
UNION ALL
SELECT
  order_id, event_id, occurred_at, local_date, local_hour, dt, customer_id, anonymous_id, session_id, source,
  source_kind, channel, device, page_url, currency, items, total_amount, discount_amount, shipping_amount,
  tax_amount, shop_value, amount_mismatch, coupon, payment_method, shipping_address, reports, shop_rate, line_count,
  units, gross_sales, discounts, shipping, taxes
FROM spread_orders
