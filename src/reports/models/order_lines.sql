-- One row per line of an order that was placed, as the order has it. price, discount and line_total (price × quantity,
-- before discounts) are in the order's currency; gross_sales and discounts the same in the shop's.
-- days: day_lines 0..0, spread_orders ..
-- key: order_id
-- use: in place
WITH lines AS (
  SELECT
    o.order_id,
    o.occurred_at,
    o.local_date,
    o.local_hour,
    o.dt,
    o.customer_id,
    o.currency,
    o.channel,
    o.device,
    o.source,
    o.shipping_address.country AS country,
    o.shop_rate,
    i.product_id,
    i.quantity,
    i.price,
    COALESCE(i.discount, 0) AS discount,
    i.name,
    i.category,
    i.variant,
    CAST(CAST(i.price AS DECIMAL(38, 4)) * i.quantity AS DECIMAL(38, 4)) AS line_total
  FROM spread_orders AS o
  CROSS JOIN each_item(o.items, i)
)
SELECT
  d.order_id, d.occurred_at, d.local_date, d.local_hour, d.dt, d.customer_id, d.currency, d.channel, d.device, d.source,
  d.country, d.product_id, d.name, d.category, d.variant, d.quantity, d.price, d.discount, d.line_total, d.gross_sales,
  d.discounts
FROM day_lines AS d
LEFT JOIN spread_orders AS s ON s.order_id = d.order_id
WHERE s.order_id IS NULL
UNION ALL
SELECT
  order_id, occurred_at, local_date, local_hour, dt, customer_id, currency, channel, device, source, country, product_id, name,
  category, variant, quantity, price,
  CAST(discount AS DECIMAL(18, 4)) AS discount,
  line_total,
  in_shop_currency(line_total, shop_rate) AS gross_sales,
  in_shop_currency(discount, shop_rate) AS discounts
FROM lines
