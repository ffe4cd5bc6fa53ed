-- One row per order_id that an order_created named: what all of them say together, as in day_orders.
-- days: day_orders 0..0, spread_orders ..
-- use: in place
SELECT *
FROM day_orders AS d
WHERE NOT EXISTS (SELECT 1 FROM spread_orders AS s WHERE s.order_id = d.order_id)
UNION ALL
SELECT * FROM spread_orders
