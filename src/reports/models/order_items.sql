-- One row per line of an order that was placed. price, discount and line_total (price × quantity, before discounts) are
-- in the order's currency; gross_sales and discounts the same in the shop's. Name, category and cost are the line's own,
-- else those of the catalogue at that time.
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
  FROM order_created_once AS o
  CROSS JOIN each_item(o.items, i)
)
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
  CAST(l.discount AS DECIMAL(18, 4)) AS discount,
  l.line_total,
  in_shop_currency(l.line_total, l.shop_rate) AS gross_sales,
  in_shop_currency(l.discount, l.shop_rate) AS discounts,
  v.cost
FROM lines AS l
LEFT JOIN product_versions AS v
  ON v.product_id = l.product_id
  AND l.occurred_at >= v.valid_from
  AND l.occurred_at < v.valid_to
