-- title: Customer overview
-- question: How many customers ordered, and how many of them knew the shop already?
-- group: customers
-- note: Orders without a customer_id are guests. A customer's first order is looked for in all of the history.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- column: customers count | Customers | customers
-- column: new_customers count | New customers
-- column: returning_customers count | Returning customers
-- column: returning_customer_rate ratio | Returning rate | returning_customer_rate
-- column: guest_orders count | Orders of guests
-- chart: tiles y=customers,new_customers,returning_customers,returning_customer_rate,guest_orders
-- metrics: customers, returning_customer_rate
-- rows: top_customers
-- models: placed_orders 0..0, order_numbers ..
SELECT
  COUNT(DISTINCT o.customer_id) AS customers,
  COUNT(DISTINCT CASE WHEN n.order_number = 1 THEN o.customer_id END) AS new_customers,
  COUNT(DISTINCT CASE WHEN n.order_number > 1 THEN o.customer_id END) AS returning_customers,
  ratio(
    COUNT(DISTINCT CASE WHEN n.order_number > 1 THEN o.customer_id END), COUNT(DISTINCT o.customer_id)
  ) AS returning_customer_rate,
  COUNT(*) FILTER (WHERE n.order_number IS NULL) AS guest_orders
FROM placed_orders AS o
LEFT JOIN order_numbers AS n ON n.order_id = o.order_id
WHERE between_dates(o.local_date)
