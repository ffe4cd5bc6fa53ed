-- title: Latest orders
-- question: Which orders came in last?
-- group: sales
-- parameter: limit count 1..1000 = 50 | How many orders.
-- column: order_id text | Order
-- column: occurred_at timestamp | Placed, UTC
-- column: customer_id text | Customer
-- column: country text | Country
-- column: status text | Status
-- column: units count | Units | units
-- column: gross_sales money | Gross sales | gross_sales
-- column: total money | Total
-- column: refunded money | Refunded
-- chart: table
-- metrics: units, gross_sales
-- models: order_facts ..
SELECT order_id, occurred_at, customer_id, country, status, units, gross_sales, total, refunded
FROM order_facts
ORDER BY occurred_at DESC, order_id
LIMIT :limit
