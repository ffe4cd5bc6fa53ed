-- title: Sales by country
-- question: Where do the orders go?
-- group: sales
-- note: The country of the shipping address.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- column: country text | Country
-- column: orders count | Orders | orders
-- column: customers count | Customers | customers
-- column: units count | Units | units
-- column: gross_sales money | Gross sales | gross_sales
-- column: discounts money | Discounts | discounts
-- column: aov money | Average order value | aov
-- column: share ratio | Share of gross sales
-- chart: bar x=country y=gross_sales
-- metrics: orders, customers, units, gross_sales, discounts, aov
-- rows: order_list
-- models: placed_orders 0..0
SELECT
  COALESCE(country, '(none)') AS country,
  COUNT(*) AS orders,
  COUNT(DISTINCT customer_id) AS customers,
  sum_whole(units) AS units,
  SUM(gross_sales) AS gross_sales,
  SUM(discounts) AS discounts,
  money_ratio(SUM(gross_sales) - SUM(discounts), COUNT(*)) AS aov,
  ratio(SUM(gross_sales), SUM(SUM(gross_sales)) OVER ()) AS share
FROM placed_orders
WHERE between_dates(local_date)
GROUP BY COALESCE(country, '(none)')
ORDER BY 5 DESC, 1
