-- title: Top customers
-- question: Who are the best customers?
-- group: customers
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: limit count 1..1000 = 20 | How many customers.
-- column: customer_id text | Customer
-- column: orders count | Orders | orders
-- column: units count | Units | units
-- column: gross_sales money | Gross sales | gross_sales
-- column: aov money | Average order value | aov
-- column: last_order_date date | Last order
-- chart: table
-- metrics: orders, units, gross_sales, aov
-- models: placed_orders 0..0
SELECT
  customer_id,
  COUNT(*) AS orders,
  sum_whole(units) AS units,
  SUM(gross_sales) AS gross_sales,
  money_ratio(SUM(gross_sales) - SUM(discounts), COUNT(*)) AS aov,
  MAX(local_date) AS last_order_date
FROM placed_orders
WHERE customer_id IS NOT NULL AND between_dates(local_date)
GROUP BY customer_id
ORDER BY 4 DESC, 1
LIMIT :limit
