-- One row per product put into a cart or taken out: quantity is negative when taken out. The cart is cart_id where the
-- event has one, else the session. value is in the event's currency; checkout_at is the session's first checkout. Bots are left out.
-- days: add_to_cart 0..0, remove_from_cart 0..0, session_acts 0..0, visits -1..0
-- key: owner
-- keep: days
WITH changes AS (
  SELECT
    event_id, occurred_at, local_date, dt, COALESCE(session_id, anonymous_id, customer_id, '') AS owner, cart_id,
    product_id, quantity, price, currency, bot
  FROM add_to_cart
  UNION ALL
  SELECT
    event_id, occurred_at, local_date, dt, COALESCE(session_id, anonymous_id, customer_id, '') AS owner, cart_id,
    product_id, 0 - quantity AS quantity, price, currency, bot
  FROM remove_from_cart
)
SELECT
  c.event_id,
  c.occurred_at,
  c.local_date,
  c.dt,
  c.owner,
  c.cart_id,
  COALESCE(c.cart_id, s.session_key) AS cart_key,
  s.session_key,
  s.visitor_id,
  s.customer_id,
  c.product_id,
  c.quantity,
  c.price,
  CAST(CAST(c.price AS DECIMAL(38, 4)) * c.quantity AS DECIMAL(38, 4)) AS value,
  c.currency,
  v.first_checkout_at AS checkout_at
FROM changes AS c
INNER JOIN session_acts AS s
  ON s.event_id = c.event_id AND s.dt = c.dt AND s.event_type IN ('add_to_cart', 'remove_from_cart')
LEFT JOIN visits AS v ON v.session_key = s.session_key AND v.first_checkout_at IS NOT NULL
WHERE NOT c.bot
