-- title: Sales over time
-- question: How do sales develop?
-- group: sales
-- note: A week begins on Monday. The first and the last week or month may lie partly outside the days asked for; only those days count.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: grain choice(day,week,month) = day | Length of a period.
-- parameter: country text = "" | Only orders that go to this country; empty for all.
-- column: period date | Period
-- column: orders count | Orders | orders
-- column: units count | Units | units
-- column: gross_sales money | Gross sales | gross_sales
-- column: discounts money | Discounts | discounts
-- column: sales_reversals money | Sales reversals | sales_reversals
-- column: net_sales money | Net sales | net_sales
-- column: aov money | Average order value | aov
-- chart: line x=period y=net_sales
-- metrics: orders, units, gross_sales, discounts, sales_reversals, net_sales, aov
-- rows: order_list
-- models: placed_orders 0..0, sales_reversals 0..0
WITH periods AS (
  SELECT DISTINCT period(:grain, d.day) AS period FROM each_day(:from, :to, d)
),
bought AS (
  SELECT period(:grain, local_date) AS period, units, gross_sales, discounts
  FROM placed_orders
  WHERE between_dates(local_date) AND (:country = '' OR COALESCE(country, '(none)') = :country)
),
sold AS (
  SELECT
    period,
    COUNT(*) AS orders,
    sum_whole(units) AS units,
    SUM(gross_sales) AS gross_sales,
    SUM(discounts) AS discounts
  FROM bought
  GROUP BY period
),
reversed AS (
  SELECT period(:grain, local_date) AS period, amount
  FROM sales_reversals
  WHERE between_dates(local_date) AND (:country = '' OR COALESCE(country, '(none)') = :country)
),
given_back AS (
  SELECT period, SUM(amount) AS amount FROM reversed GROUP BY period
)
SELECT
  p.period,
  COALESCE(s.orders, 0) AS orders,
  COALESCE(s.units, 0) AS units,
  COALESCE(s.gross_sales, 0) AS gross_sales,
  COALESCE(s.discounts, 0) AS discounts,
  COALESCE(g.amount, 0) AS sales_reversals,
  COALESCE(s.gross_sales, 0) - COALESCE(s.discounts, 0) - COALESCE(g.amount, 0) AS net_sales,
  money_ratio(s.gross_sales - s.discounts, s.orders) AS aov
FROM periods AS p
LEFT JOIN sold AS s ON s.period = p.period
LEFT JOIN given_back AS g ON g.period = p.period
ORDER BY p.period
