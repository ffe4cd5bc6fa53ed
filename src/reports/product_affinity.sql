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
-- models: order_lines 0..0, products ..
WITH baskets AS (
  SELECT DISTINCT order_id, product_id
  FROM order_lines
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
  SELECT b.order_id, b.product_id, s.number, s.orders
  FROM baskets AS b
  INNER JOIN singles AS s ON s.product_id = b.product_id
),
counted AS (
  SELECT
    MIN(a.product_id) AS product_a,
    MIN(b.product_id) AS product_b,
    MIN(a.orders) AS orders_a,
    MIN(b.orders) AS orders_b,
    COUNT(*) AS pair_orders
  FROM frequent AS a
  INNER JOIN frequent AS b ON b.order_id = a.order_id
  WHERE (:product_id = '' AND a.number < b.number) OR (a.product_id = :product_id AND a.number <> b.number)
  GROUP BY a.number * 1000000000 + b.number
  HAVING COUNT(*) >= :min_orders
),
pairs AS (
  SELECT
    CASE WHEN turned THEN product_b ELSE product_a END AS product_a,
    CASE WHEN turned THEN product_a ELSE product_b END AS product_b,
    CASE WHEN turned THEN orders_b ELSE orders_a END AS orders_a,
    CASE WHEN turned THEN orders_a ELSE orders_b END AS orders_b,
    pair_orders
  FROM (SELECT c.*, :product_id = '' AND c.orders_a > c.orders_b AS turned FROM counted AS c) AS c
)
SELECT
  p.product_a,
  x.name AS name_a,
  p.product_b,
  y.name AS name_b,
  p.pair_orders,
  ratio(p.pair_orders, t.orders) AS support,
  ratio(p.pair_orders, p.orders_a) AS confidence,
  ratio(ratio(p.pair_orders, p.orders_a), ratio(p.orders_b, t.orders)) AS lift
FROM pairs AS p
CROSS JOIN total AS t
LEFT JOIN products AS x ON x.product_id = p.product_a
LEFT JOIN products AS y ON y.product_id = p.product_b
ORDER BY p.pair_orders - ratio(p.orders_a * p.orders_b, t.orders) DESC, p.product_a, p.product_b
LIMIT :limit
