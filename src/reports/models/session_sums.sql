-- Sessions added up: one row per UTC day (dt) and day of the shop's clock (local_date) on which they began, channel, device and
-- funnel_step. orders and what they were worth (gross_sales, and value after discounts; shop's currency) are as the reports of
-- the session's days say.
-- days: sessions 0..0, order_sessions -1..1, day_orders -1..1
-- keep: days
WITH told AS (
  SELECT
    e.session_key,
    sum_items(o.items, i, in_shop_currency(CAST(CAST(i.price AS DECIMAL(38, 4)) * i.quantity AS DECIMAL(38, 4)), o.shop_rate))
      AS gross_sales,
    sum_items(o.items, i, in_shop_currency(COALESCE(i.discount, 0), o.shop_rate))
      + COALESCE(in_shop_currency(COALESCE(o.discount_amount, 0), o.shop_rate), 0) AS discounts,
    ROW_NUMBER() OVER (
      PARTITION BY e.session_key, e.order_id
      ORDER BY CASE WHEN o.source_kind = 'browser' THEN 1 ELSE 0 END, o.dt DESC
    ) AS place
  FROM order_sessions AS e
  INNER JOIN day_orders AS o ON o.order_id = e.order_id AND o.dt = e.dt
),
sales AS (
  SELECT session_key, SUM(gross_sales) AS gross_sales, SUM(gross_sales - discounts) AS value
  FROM told
  WHERE place = 1
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
