-- title: Sales by day
-- question: How much did the shop sell on each day?
-- group: sales
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- column: day date | Day
-- column: orders count | Orders | orders
-- column: units count | Units | units
-- column: gross_sales money | Gross sales | gross_sales
-- column: discounts money | Discounts | discounts
-- column: sales_reversals money | Sales reversals | sales_reversals
-- column: net_sales money | Net sales | net_sales
-- column: aov money | Average order value | aov
-- chart: line x=day y=net_sales,gross_sales
-- metrics: orders, units, gross_sales, discounts, sales_reversals, net_sales, aov
-- rows: order_list
-- models: placed_orders 0..0, sales_reversals 0..0
WITH sold AS (
  SELECT
    period('day', local_date) AS day,
    COUNT(*) AS orders,
    sum_whole(units) AS units,
    SUM(gross_sales) AS gross_sales,
    SUM(discounts) AS discounts
  FROM placed_orders
  WHERE between_dates(local_date)
  GROUP BY period('day', local_date)
),
reversed AS (
  SELECT period('day', local_date) AS day, SUM(amount) AS amount
  FROM sales_reversals
  WHERE between_dates(local_date)
  GROUP BY period('day', local_date)
)
SELECT
  d.day AS day,
  COALESCE(s.orders, 0) AS orders,
  COALESCE(s.units, 0) AS units,
  COALESCE(s.gross_sales, 0) AS gross_sales,
  COALESCE(s.discounts, 0) AS discounts,
  COALESCE(r.amount, 0) AS sales_reversals,
  COALESCE(s.gross_sales, 0) - COALESCE(s.discounts, 0) - COALESCE(r.amount, 0) AS net_sales,
  money_ratio(s.gross_sales - s.discounts, s.orders) AS aov
FROM each_day(:from, :to, d)
LEFT JOIN sold AS s ON s.day = d.day
LEFT JOIN reversed AS r ON r.day = d.day
ORDER BY d.day
