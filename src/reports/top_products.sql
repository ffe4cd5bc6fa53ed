-- title: Top products
-- question: Which products sell best?
-- group: products
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: country text = "" | Only orders that go to this country; empty for all.
-- parameter: category text = "" | Only this category; empty for all.
-- parameter: by choice(gross_sales,units,orders) = gross_sales | What to rank by.
-- parameter: limit count 1..1000 = 20 | How many products.
-- column: product_id text | Product
-- column: name text | Name
-- column: category text | Category
-- column: units count | Units | units
-- column: orders count | Orders with it | orders
-- column: gross_sales money | Gross sales | gross_sales
-- column: share ratio | Share of gross sales
-- chart: bar x=product_id y=gross_sales
-- metrics: units, orders, gross_sales
-- rows: order_list
-- models: order_items 0..0, products ..
WITH sold AS (
  SELECT
    product_id,
    sum_whole(quantity) AS units,
    COUNT(DISTINCT order_id) AS orders,
    COALESCE(SUM(gross_sales), 0) AS gross_sales,
    ratio(SUM(gross_sales), SUM(SUM(gross_sales)) OVER ()) AS share
  FROM order_items
  WHERE between_dates(local_date)
    AND (:country = '' OR COALESCE(country, '(none)') = :country)
    AND (:category = '' OR COALESCE(category, '(none)') = :category)
  GROUP BY product_id
)
SELECT
  s.product_id,
  p.name,
  p.category,
  s.units,
  s.orders,
  s.gross_sales,
  s.share
FROM sold AS s
LEFT JOIN products AS p ON p.product_id = s.product_id
ORDER BY
  CASE WHEN :by = 'units' THEN s.units WHEN :by = 'orders' THEN s.orders ELSE 0 END DESC,
  s.gross_sales DESC,
  s.product_id
LIMIT :limit
