-- One row per order of a known customer: order_number counts the customer's orders from 1.
SELECT
  order_id,
  ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY occurred_at, order_id) AS order_number
FROM placed_orders
WHERE customer_id IS NOT NULL
