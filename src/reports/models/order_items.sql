-- One row per line of an order that was placed. price, discount and line_total (price × quantity, before discounts) are
-- in the order's currency; gross_sales and discounts the same in the shop's. Name, category and cost are the line's own,
-- else those of the catalogue at that time.
-- days: order_lines 0..0, product_versions ..
SELECT
  l.order_id,
  l.occurred_at,
  l.local_date,
  l.local_hour,
  l.dt,
  l.customer_id,
  l.currency,
  l.channel,
  l.device,
  l.source,
  l.country,
  l.product_id,
  COALESCE(l.name, v.name) AS name,
  COALESCE(l.category, v.category) AS category,
  l.variant,
  l.quantity,
  l.price,
  l.discount,
  l.line_total,
  l.gross_sales,
  l.discounts,
  v.cost
FROM order_lines AS l
LEFT JOIN product_versions AS v
  ON v.product_id = l.product_id
  AND l.occurred_at >= v.valid_from
  AND l.occurred_at < v.valid_to
