-- title: Sales by hour
-- question: How do the hours of a day sell?
-- group: sales
-- note: Hours on the shop's clock. Reversals are not spread over hours.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: country text = "" | Only orders that go to this country; empty for all.
-- column: period hour | Hour
-- column: orders count | Orders | orders
-- column: units count | Units | units
-- column: gross_sales money | Gross sales | gross_sales
-- column: discounts money | Discounts | discounts
-- column: aov money | Average order value | aov
-- chart: line x=period y=gross_sales
-- metrics: orders, units, gross_sales, discounts, aov
-- rows: order_list
-- models: placed_orders 0..0
WITH hours AS (
  SELECT d.day, h.hour
  FROM each_day(:from, :to, d)
  CROSS JOIN (
    VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15), (16), (17), (18), (19),
      (20), (21), (22), (23)
  ) AS h (hour)
),
sold AS (
  SELECT
    local_date,
    local_hour,
    COUNT(*) AS orders,
    sum_whole(units) AS units,
    SUM(gross_sales) AS gross_sales,
    SUM(discounts) AS discounts
  FROM placed_orders
  WHERE between_dates(local_date) AND (:country = '' OR COALESCE(country, '(none)') = :country)
  GROUP BY local_date, local_hour
)
SELECT
  date_text('day', h.day) || ' ' || CASE WHEN h.hour < 10 THEN '0' ELSE '' END || CAST(h.hour AS VARCHAR) || ':00' AS period,
  COALESCE(s.orders, 0) AS orders,
  COALESCE(s.units, 0) AS units,
  COALESCE(s.gross_sales, 0) AS gross_sales,
  COALESCE(s.discounts, 0) AS discounts,
  money_ratio(s.gross_sales - s.discounts, s.orders) AS aov
FROM hours AS h
LEFT JOIN sold AS s ON s.local_date = h.day AND s.local_hour = h.hour
ORDER BY period
