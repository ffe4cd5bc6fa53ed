-- title: Repeat rate
-- question: How many customers come back, and how soon?
-- group: customers
-- parameter: as_of date | Last day counted; today if missing.
-- column: customers count | Customers | customers
-- column: repeat_customers count | Customers with two orders or more
-- column: repeat_purchase_rate ratio | Repeat purchase rate | repeat_purchase_rate
-- column: time_to_second_order days | Median days to the second order | time_to_second_order
-- column: orders_per_customer number | Orders per customer
-- column: sales_per_customer money | Gross sales per customer
-- chart: tiles y=repeat_purchase_rate,time_to_second_order,orders_per_customer
-- metrics: customers, repeat_purchase_rate, time_to_second_order
-- models: placed_orders .., order_numbers ..
WITH buyers AS (
  SELECT
    o.customer_id,
    COUNT(*) AS orders,
    SUM(o.gross_sales) AS gross_sales,
    MIN(CASE WHEN n.order_number = 1 THEN o.local_date END) AS first_date,
    MIN(CASE WHEN n.order_number = 2 THEN o.local_date END) AS second_date
  FROM placed_orders AS o
  INNER JOIN order_numbers AS n ON n.order_id = o.order_id
  WHERE o.customer_id IS NOT NULL AND o.local_date <= :as_of
  GROUP BY o.customer_id
)
SELECT
  COUNT(*) AS customers,
  COUNT(*) FILTER (WHERE orders >= 2) AS repeat_customers,
  ratio(COUNT(*) FILTER (WHERE orders >= 2), COUNT(*)) AS repeat_purchase_rate,
  percentile(days_between(first_date, second_date), 0.5) AS time_to_second_order,
  ratio(SUM(orders), COUNT(*)) AS orders_per_customer,
  money_ratio(SUM(gross_sales), COUNT(*)) AS sales_per_customer
FROM buyers
