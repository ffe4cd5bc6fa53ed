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
-- models: placed_orders .., order_facts .. of chosen
WITH chosen AS (
  SELECT order_id FROM placed_orders ORDER BY occurred_at DESC, order_id LIMIT :limit
)
SELECT
  f.order_id, f.occurred_at, f.customer_id, f.country, f.status, f.units, f.gross_sales, f.total, f.refunded
FROM chosen AS c
INNER JOIN order_facts AS f ON f.order_id = c.order_id
ORDER BY f.occurred_at DESC, f.order_id
