-- One row per order that was placed, with what became of it: order_facts, and order_number, which counts a customer's orders
-- from 1 over all of the history.
-- days: order_facts 0..0, order_numbers ..
SELECT f.*, n.order_number
FROM order_facts AS f
LEFT JOIN order_numbers AS n ON n.order_id = f.order_id
