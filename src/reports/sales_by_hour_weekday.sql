-- title: Sales by hour and weekday
-- question: When in the week do people buy?
-- group: sales
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: country text = "" | Only orders that go to this country; empty for all.
-- column: weekday count | Weekday, 1 for Monday
-- column: hour count | Hour in the shop's zone
-- column: orders count | Orders | orders
-- column: gross_sales money | Gross sales | gross_sales
-- chart: heatmap x=hour y=orders series=weekday
-- metrics: orders, gross_sales
-- rows: order_list
-- models: placed_orders 0..0
SELECT
  weekday(local_date) AS weekday,
  local_hour AS hour,
  COUNT(*) AS orders,
  SUM(gross_sales) AS gross_sales
FROM placed_orders
WHERE between_dates(local_date) AND (:country = '' OR COALESCE(country, '(none)') = :country)
GROUP BY weekday(local_date), local_hour
ORDER BY 1, 2
