-- One row per order_id that order_created of several UTC days name: what they say together, as in day_orders.
-- days: order_created .., day_orders ..
-- key: order_id
WITH told AS (
  SELECT c.*, 0 AS part
  FROM order_created AS c
  INNER JOIN (
    SELECT order_id FROM day_orders GROUP BY order_id HAVING COUNT(*) > 1
  ) AS s ON s.order_id = c.order_id
)
SELECT * FROM orders_of(told) AS o
