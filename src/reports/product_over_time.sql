-- title: Product over time
-- question: How does one product sell?
-- group: products
-- note: A week begins on Monday. The first and the last week or month may lie partly outside the days asked for; only those days count.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: grain choice(day,week,month) = day | Length of a period.
-- parameter: product_id text = "" | Which product; empty for all.
-- column: period date | Period
-- column: units count | Units | units
-- column: orders count | Orders with it
-- column: gross_sales money | Gross sales | gross_sales
-- chart: bar x=period y=units
-- metrics: units, gross_sales
-- rows: order_list
-- models: order_items 0..0
WITH periods AS (
  SELECT DISTINCT period(:grain, d.day) AS period FROM each_day(:from, :to, d)
),
bought AS (
  SELECT period(:grain, local_date) AS period, order_id, quantity, gross_sales
  FROM order_items
  WHERE between_dates(local_date) AND (:product_id = '' OR product_id = :product_id)
),
sold AS (
  SELECT
    period,
    sum_whole(quantity) AS units,
    COUNT(DISTINCT order_id) AS orders,
    SUM(gross_sales) AS gross_sales
  FROM bought
  GROUP BY period
)
SELECT
  p.period,
  COALESCE(s.units, 0) AS units,
  COALESCE(s.orders, 0) AS orders,
  COALESCE(s.gross_sales, 0) AS gross_sales
FROM periods AS p
LEFT JOIN sold AS s ON s.period = p.period
ORDER BY p.period
