-- One row per order_id and UTC day: what the order_created of that day say together. What is priced (items, total, currency and
-- the like) comes from one event: of the most trusted source (server, import, webhook, browser), there the latest, then the higher
-- event_id. Who and how is filled from the next best where it says nothing; the moment is the earliest that the best source names.
-- shop_rate turns its amounts into the shop's currency, in which gross_sales, discounts, shipping and taxes are. What a program sent is an order too.
-- days: order_created 0..0
-- key: order_id
-- keep: days
-- use: in place
WITH told AS (
  SELECT c.*, c.dt AS part FROM order_created AS c
)
SELECT * FROM orders_of(told) AS o
