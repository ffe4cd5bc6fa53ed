-- title: Product performance
-- question: Which products are seen, put into carts and bought, and which are only seen?
-- group: products
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: limit count 1..5000 = 200 | How many products.
-- column: product_id text | Product
-- column: name text | Name
-- column: viewing_sessions count | Sessions that saw it
-- column: carting_sessions count | Sessions that put it into the cart
-- column: units count | Units | units
-- column: gross_sales money | Gross sales | gross_sales
-- column: view_to_cart_rate ratio | View to cart | view_to_cart_rate
-- chart: scatter x=viewing_sessions y=view_to_cart_rate
-- metrics: units, gross_sales, view_to_cart_rate
-- models: product_sums -1..1, order_items 0..0, products ..
WITH sights AS (
  SELECT
    product_id,
    sum_whole(viewing_sessions) AS viewing_sessions,
    sum_whole(carting_sessions) AS carting_sessions,
    sum_whole(both_sessions) AS both_sessions
  FROM product_sums
  WHERE between_dates(local_date)
  GROUP BY product_id
),
sold AS (
  SELECT product_id, sum_whole(quantity) AS units, SUM(gross_sales) AS gross_sales
  FROM order_items
  WHERE between_dates(local_date)
  GROUP BY product_id
),
named AS (
  SELECT product_id FROM sights
  UNION
  SELECT product_id FROM sold
)
SELECT
  n.product_id,
  p.name,
  COALESCE(v.viewing_sessions, 0) AS viewing_sessions,
  COALESCE(v.carting_sessions, 0) AS carting_sessions,
  COALESCE(s.units, 0) AS units,
  COALESCE(s.gross_sales, 0) AS gross_sales,
  ratio(v.both_sessions, v.viewing_sessions) AS view_to_cart_rate
FROM named AS n
LEFT JOIN sights AS v ON v.product_id = n.product_id
LEFT JOIN sold AS s ON s.product_id = n.product_id
LEFT JOIN products AS p ON p.product_id = n.product_id
ORDER BY 3 DESC, 6 DESC, n.product_id
LIMIT :limit
