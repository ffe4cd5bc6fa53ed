-- Sessions added up: one row per UTC day (dt) and day of the shop's clock (local_date) on which they began, channel, device and
-- funnel_step. orders and what they were worth (gross_sales, and value after discounts; shop's currency) are as the reports of
-- the session's days say.
-- days: sessions 0..0, order_sessions -1..1, day_orders -1..1
-- keep: days
WITH told AS (
  SELECT
    e.session_key,
    e.order_id,
    CASE WHEN o.source_kind = 'browser' THEN 1 ELSE 0 END AS distrust,
    days_between(o.dt, DATE '9999-12-31') AS age,
    o.gross_sales,
    o.discounts
  FROM order_sessions AS e
  INNER JOIN day_orders AS o ON o.order_id = e.order_id AND o.dt = e.dt
),
worth AS (
  SELECT
    session_key,
    order_id,
    earliest(gross_sales, distrust, age) AS gross_sales,
    earliest(gross_sales - discounts, distrust, age) AS value
  FROM told
  GROUP BY session_key, order_id
),
sales AS (
  SELECT session_key, SUM(gross_sales) AS gross_sales, SUM(value) AS value
  FROM worth
  GROUP BY session_key
)
SELECT
  s.dt,
  s.local_date,
  s.channel,
  s.device,
  s.funnel_step,
  COUNT(*) AS sessions,
  COUNT(*) FILTER (WHERE NOT s.engaged) AS bounced,
  COUNT(*) FILTER (WHERE s.filled_cart) AS filled_cart,
  COUNT(*) FILTER (WHERE s.reached_checkout) AS reached_checkout,
  COUNT(*) FILTER (WHERE s.converted) AS converted,
  sum_whole(s.orders) AS orders,
  COALESCE(SUM(o.gross_sales), 0) AS gross_sales,
  COALESCE(SUM(o.value), 0) AS value
FROM sessions AS s
LEFT JOIN sales AS o ON o.session_key = s.session_key
GROUP BY s.dt, s.local_date, s.channel, s.device, s.funnel_step
