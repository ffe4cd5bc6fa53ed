-- title: Orders
-- question: Which orders are in it?
-- group: sales
-- note: The latest first. Net is gross sales less discounts and what was given back.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: country text = "" | Only orders that go to this country; empty for all.
-- parameter: status text = "" | Only orders in this state; empty for all.
-- parameter: product_id text = "" | Only orders with this product; empty for all.
-- parameter: limit count 1..50000 = 1000 | How many orders.
-- column: order_id text | Order
-- column: occurred_at timestamp | Placed
-- column: status text | Status
-- column: net_sales money | Net
-- column: customer_id text | Customer
-- column: country text | Country
-- column: units count | Units | units
-- column: gross_sales money | Gross sales | gross_sales
-- column: discounts money | Discounts | discounts
-- column: sales_reversals money | Given back | sales_reversals
-- chart: table
-- metrics: units, gross_sales, discounts, sales_reversals
-- models: placed_orders 0..0, order_lines 0..0, order_facts 0..0 of chosen
WITH chosen AS (
  SELECT order_id
  FROM (
    SELECT order_id, ROW_NUMBER() OVER (ORDER BY occurred_at DESC, order_id) AS place
    FROM placed_orders
    WHERE between_dates(local_date)
      AND (:country = '' OR COALESCE(country, '(none)') = :country)
      AND (:product_id = '' OR order_id IN (SELECT i.order_id FROM order_lines AS i WHERE i.product_id = :product_id))
  ) AS fitting
  WHERE place <= :limit OR :status <> ''
)
SELECT
  f.order_id,
  f.occurred_at,
  f.status,
  f.gross_sales - f.discounts - f.sales_reversals AS net_sales,
  f.customer_id,
  f.country,
  f.units,
  f.gross_sales,
  f.discounts,
  f.sales_reversals
FROM chosen AS c
INNER JOIN order_facts AS f ON f.order_id = c.order_id
WHERE :status = '' OR f.status = :status
ORDER BY f.occurred_at DESC, f.order_id
LIMIT :limit
