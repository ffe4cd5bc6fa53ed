-- title: Sales by category
-- question: Which categories bring the sales?
-- group: sales
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: country text = "" | Only orders that go to this country; empty for all.
-- column: category text | Category
-- column: orders count | Orders with it | orders
-- column: units count | Units | units
-- column: gross_sales money | Gross sales | gross_sales
-- column: line_discounts money | Line discounts
-- column: share ratio | Share of gross sales
-- chart: bar x=category y=gross_sales
-- metrics: orders, units, gross_sales
-- rows: order_list
-- models: order_items 0..0
SELECT
  COALESCE(category, '(none)') AS category,
  COUNT(DISTINCT order_id) AS orders,
  sum_whole(quantity) AS units,
  COALESCE(SUM(gross_sales), 0) AS gross_sales,
  COALESCE(SUM(discounts), 0) AS line_discounts,
  ratio(SUM(gross_sales), SUM(SUM(gross_sales)) OVER ()) AS share
FROM order_items
WHERE between_dates(local_date) AND (:country = '' OR COALESCE(country, '(none)') = :country)
GROUP BY COALESCE(category, '(none)')
ORDER BY 4 DESC, 1
