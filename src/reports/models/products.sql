-- One row per product that the catalogue, an order or a stock event names: the catalogue's latest word, else the name and
-- category that stood on the latest order.
WITH catalogue AS (
  SELECT * FROM product_versions WHERE valid_to = TIMESTAMP '9999-12-31 00:00:00'
),
named AS (
  SELECT product_id, latest(name, dt) AS name, latest(category, dt) AS category
  FROM item_names
  GROUP BY product_id
),
every_one AS (
  SELECT product_id FROM catalogue
  UNION
  SELECT product_id FROM named
  UNION
  SELECT product_id FROM inventory_updated
)
SELECT
  e.product_id,
  COALESCE(c.name, n.name) AS name,
  COALESCE(c.category, n.category) AS category,
  c.brand,
  c.price,
  c.cost,
  COALESCE(c.active, TRUE) AS active,
  c.product_id IS NOT NULL AS in_catalogue
FROM every_one AS e
LEFT JOIN catalogue AS c ON c.product_id = e.product_id
LEFT JOIN named AS n ON n.product_id = e.product_id
