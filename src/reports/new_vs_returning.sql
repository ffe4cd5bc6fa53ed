-- title: New and returning customers
-- question: How much of the business comes from customers who bought before?
-- group: customers
-- note: Orders without a customer_id are guests. A customer's first order is looked for in all of the history.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: grain choice(day,week,month) = day | Length of a period.
-- column: period date | Period
-- column: new_customers count | New customers
-- column: returning_customers count | Returning customers
-- column: new_orders count | First orders
-- column: returning_orders count | Later orders
-- column: guest_orders count | Orders of guests
-- column: new_sales money | Gross sales, first orders | gross_sales
-- column: returning_sales money | Gross sales, later orders | gross_sales
-- column: returning_customer_rate ratio | Returning customer rate | returning_customer_rate
-- chart: bar x=period y=new_sales,returning_sales
-- metrics: gross_sales, returning_customer_rate
-- rows: order_list
-- models: placed_orders 0..0, order_numbers ..
WITH periods AS (
  SELECT DISTINCT period(:grain, d.day) AS period FROM each_day(:from, :to, d)
),
bought AS (
  SELECT period(:grain, o.local_date) AS period, o.customer_id, n.order_number, o.gross_sales
  FROM placed_orders AS o
  LEFT JOIN order_numbers AS n ON n.order_id = o.order_id
  WHERE between_dates(o.local_date)
),
counted AS (
  SELECT
    period,
    COUNT(DISTINCT customer_id) AS customers,
    COUNT(DISTINCT CASE WHEN order_number = 1 THEN customer_id END) AS new_customers,
    COUNT(DISTINCT CASE WHEN order_number > 1 THEN customer_id END) AS returning_customers,
    COUNT(*) FILTER (WHERE order_number = 1) AS new_orders,
    COUNT(*) FILTER (WHERE order_number > 1) AS returning_orders,
    COUNT(*) FILTER (WHERE order_number IS NULL) AS guest_orders,
    SUM(CASE WHEN order_number = 1 THEN gross_sales END) AS new_sales,
    SUM(CASE WHEN order_number > 1 THEN gross_sales END) AS returning_sales
  FROM bought
  GROUP BY period
)
SELECT
  p.period,
  COALESCE(c.new_customers, 0) AS new_customers,
  COALESCE(c.returning_customers, 0) AS returning_customers,
  COALESCE(c.new_orders, 0) AS new_orders,
  COALESCE(c.returning_orders, 0) AS returning_orders,
  COALESCE(c.guest_orders, 0) AS guest_orders,
  COALESCE(c.new_sales, 0) AS new_sales,
  COALESCE(c.returning_sales, 0) AS returning_sales,
  ratio(c.returning_customers, c.customers) AS returning_customer_rate
FROM periods AS p
LEFT JOIN counted AS c ON c.period = p.period
ORDER BY p.period
