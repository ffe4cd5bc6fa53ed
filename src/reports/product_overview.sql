-- title: Product overview
-- question: How does one product do, in one line?
-- group: products
-- note: Rates are of the visits that saw the product.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: product_id text = "" | Which product; empty for all.
-- column: gross_sales money | Gross sales | gross_sales
-- column: units count | Units | units
-- column: orders count | Orders with it
-- column: viewing_sessions count | Sessions that saw it
-- column: view_to_cart_rate ratio | View to cart | view_to_cart_rate
-- column: mean_rating number | Mean rating | mean_rating
-- column: reviews count | Reviews | reviews
-- chart: tiles y=gross_sales,units,orders,viewing_sessions,view_to_cart_rate,mean_rating
-- metrics: gross_sales, units, view_to_cart_rate, mean_rating, reviews
-- rows: order_list
-- models: order_items 0..0, product_sums -1..1, reviews 0..0
WITH sold AS (
  SELECT
    COALESCE(SUM(gross_sales), 0) AS gross_sales,
    COALESCE(sum_whole(quantity), 0) AS units,
    COUNT(DISTINCT order_id) AS orders
  FROM order_items
  WHERE between_dates(local_date) AND (:product_id = '' OR product_id = :product_id)
),
sights AS (
  SELECT
    COALESCE(sum_whole(viewing_sessions), 0) AS viewing_sessions,
    COALESCE(sum_whole(both_sessions), 0) AS both_sessions
  FROM product_sums
  WHERE between_dates(local_date) AND (:product_id = '' OR product_id = :product_id)
),
rated AS (
  SELECT COUNT(*) AS reviews, mean(rating) AS mean_rating
  FROM reviews
  WHERE between_dates(local_date) AND (:product_id = '' OR product_id = :product_id)
)
SELECT
  s.gross_sales,
  s.units,
  s.orders,
  v.viewing_sessions,
  ratio(v.both_sessions, v.viewing_sessions) AS view_to_cart_rate,
  r.mean_rating,
  r.reviews
FROM sold AS s
CROSS JOIN sights AS v
CROSS JOIN rated AS r
