-- One row per line of an order, from a table of orders.
-- takes: some_orders
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
  FROM some_orders AS o
  CROSS JOIN each_item(o.items, i)
)
SELECT
  order_id, occurred_at, local_date, local_hour, dt, customer_id, currency, channel, device, source, country, product_id, name,
  category, variant, quantity, price,
  CAST(discount AS DECIMAL(18, 4)) AS discount,
  line_total,
  in_shop_currency(line_total, shop_rate) AS gross_sales,
  in_shop_currency(discount, shop_rate) AS discounts
FROM lines
