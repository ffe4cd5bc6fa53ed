-- One row per line of an order that was placed, as the order has it. price, discount and line_total (price × quantity,
-- before discounts) are in the order's currency; gross_sales and discounts the same in the shop's.
-- days: day_lines 0..0, spread_orders ..
-- key: order_id
-- use: in place
SELECT
  d.order_id, d.occurred_at, d.local_date, d.local_hour, d.dt, d.customer_id, d.currency, d.channel, d.device, d.source,
  d.country, d.product_id, d.name, d.category, d.variant, d.quantity, d.price, d.discount, d.line_total, d.gross_sales,
  d.discounts
FROM day_lines AS d
LEFT JOIN spread_orders AS s ON s.order_id = d.order_id
WHERE s.order_id IS NULL
UNION ALL
SELECT * FROM lines_of(spread_orders) AS l
