-- One row per line of an order as the order_created of a UTC day have it (day_orders): see order_lines.
-- days: day_orders 0..0
-- key: order_id
-- keep: days
SELECT * FROM lines_of(day_orders) AS l
