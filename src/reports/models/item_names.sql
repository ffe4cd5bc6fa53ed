-- One row per product and UTC day on which an order names it (dt): the name and category that stood on the latest of them.
-- days: day_orders 0..0
-- keep: days
WITH ranked AS (
  SELECT
    o.dt,
    i.product_id,
    i.name,
    i.category,
    ROW_NUMBER() OVER (
      PARTITION BY o.dt, i.product_id
      ORDER BY CASE WHEN i.name IS NULL THEN 1 ELSE 0 END, o.occurred_at DESC, o.order_id DESC, i.name DESC
    ) AS name_place,
    ROW_NUMBER() OVER (
      PARTITION BY o.dt, i.product_id
      ORDER BY CASE WHEN i.category IS NULL THEN 1 ELSE 0 END, o.occurred_at DESC, o.order_id DESC, i.category DESC
    ) AS category_place
  FROM day_orders AS o
  CROSS JOIN each_item(o.items, i)
)
SELECT
  dt,
  product_id,
  MAX(CASE WHEN name_place = 1 THEN name END) AS name,
  MAX(CASE WHEN category_place = 1 THEN category END) AS category
FROM ranked
GROUP BY dt, product_id
