-- title: Bought together
-- question: Which products are ordered together more often than chance would have it?
-- group: products
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- note: Ranked by how many orders with both there are beyond what chance would give. Of a pair, the product in fewer orders is named first.
-- parameter: product_id text = "" | Only pairs with this product, which is then named first; empty for all, each once.
-- parameter: min_orders count 1..100000 = 3 | Fewest orders that a pair must stand in.
-- parameter: limit count 1..1000 = 50 | How many pairs.
-- column: product_a text | Product
-- column: name_a text | Its name
-- column: product_b text | Bought with
-- column: name_b text | Name of the other
-- column: pair_orders count | Shared orders
-- column: support ratio | Support | affinity_support
-- column: confidence ratio | Share of its orders | affinity_confidence
-- column: lift number | Lift | affinity_lift
-- chart: table
-- metrics: affinity_support, affinity_confidence, affinity_lift
-- models: order_items 0..0, products ..
WITH baskets AS (
  SELECT DISTINCT order_id, product_id
  FROM order_items
  WHERE between_dates(local_date)
),
total AS (
  SELECT COUNT(DISTINCT order_id) AS orders FROM baskets
),
singles AS (
  SELECT product_id, COUNT(*) AS orders, ROW_NUMBER() OVER (ORDER BY product_id) AS number
  FROM baskets
  GROUP BY product_id
  HAVING COUNT(*) >= :min_orders
),
frequent AS (
  SELECT b.order_id, b.product_id, s.number
  FROM baskets AS b
  INNER JOIN singles AS s ON s.product_id = b.product_id
),
counted AS (
  SELECT a.number * 1000000000 + b.number AS pair, COUNT(*) AS pair_orders
  FROM frequent AS a
  INNER JOIN frequent AS b ON b.order_id = a.order_id
  WHERE (:product_id = '' AND a.number < b.number) OR (a.product_id = :product_id AND a.number <> b.number)
  GROUP BY a.number * 1000000000 + b.number
  HAVING COUNT(*) >= :min_orders
),
together AS (
  SELECT a.product_id AS product_a, b.product_id AS product_b, c.pair_orders
  FROM counted AS c
  INNER JOIN singles AS a ON a.number = CAST(FLOOR(ratio(c.pair, 1000000000)) AS BIGINT)
  INNER JOIN singles AS b ON b.number = mod(c.pair, 1000000000)
),
pairs AS (
  SELECT product_a, product_b, pair_orders FROM together
  UNION ALL
  SELECT product_b AS product_a, product_a AS product_b, pair_orders FROM together
  WHERE :product_id = ''
)
SELECT
  p.product_a,
  x.name AS name_a,
  p.product_b,
  y.name AS name_b,
  p.pair_orders,
  ratio(p.pair_orders, t.orders) AS support,
  ratio(p.pair_orders, a.orders) AS confidence,
  ratio(ratio(p.pair_orders, a.orders), ratio(b.orders, t.orders)) AS lift
FROM pairs AS p
CROSS JOIN total AS t
INNER JOIN singles AS a ON a.product_id = p.product_a
INNER JOIN singles AS b ON b.product_id = p.product_b
LEFT JOIN products AS x ON x.product_id = p.product_a
LEFT JOIN products AS y ON y.product_id = p.product_b
WHERE :product_id <> '' OR a.orders < b.orders OR (a.orders = b.orders AND p.product_a < p.product_b)
ORDER BY p.pair_orders - ratio(a.orders * b.orders, t.orders) DESC, p.product_a, p.product_b
LIMIT :limit
