-- What the catalogue said about a product from valid_from until valid_to (exclusive): each change completed with what it
-- left unsaid. The first version also stands for the time before it.
WITH changes AS (
  SELECT product_id, occurred_at, event_id, name, category, brand, price, cost, currency, CAST(NULL AS BOOLEAN) AS active
  FROM product_created
  UNION ALL
  SELECT product_id, occurred_at, event_id, name, category, brand, price, cost, currency, active
  FROM product_updated
),
numbered AS (
  SELECT
    c.*,
    ROW_NUMBER() OVER (PARTITION BY product_id ORDER BY occurred_at, event_id) AS place
  FROM changes AS c
),
known AS (
  SELECT
    n.*,
    COUNT(name) OVER (PARTITION BY product_id ORDER BY place) AS name_place,
    COUNT(category) OVER (PARTITION BY product_id ORDER BY place) AS category_place,
    COUNT(brand) OVER (PARTITION BY product_id ORDER BY place) AS brand_place,
    COUNT(price) OVER (PARTITION BY product_id ORDER BY place) AS price_place,
    COUNT(cost) OVER (PARTITION BY product_id ORDER BY place) AS cost_place,
    COUNT(active) OVER (PARTITION BY product_id ORDER BY place) AS active_place
  FROM numbered AS n
)
SELECT
  product_id,
  place,
  CASE WHEN place = 1 THEN TIMESTAMP '0001-01-01 00:00:00' ELSE occurred_at END AS valid_from,
  COALESCE(
    LEAD(occurred_at) OVER (PARTITION BY product_id ORDER BY place),
    TIMESTAMP '9999-12-31 00:00:00'
  ) AS valid_to,
  MAX(name) OVER (PARTITION BY product_id, name_place) AS name,
  MAX(category) OVER (PARTITION BY product_id, category_place) AS category,
  MAX(brand) OVER (PARTITION BY product_id, brand_place) AS brand,
  MAX(price) OVER (PARTITION BY product_id, price_place) AS price,
  MAX(cost) OVER (PARTITION BY product_id, cost_place) AS cost,
  COALESCE(BOOL_AND(active) OVER (PARTITION BY product_id, active_place), TRUE) AS active
FROM known
