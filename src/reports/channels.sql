-- title: Channels
-- question: Where do visits and sales come from?
-- group: acquisition
-- note: The channel of the session's first event that has one, else direct.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: device text = "" | Only this device; empty for all.
-- column: channel text | Channel
-- column: sessions count | Sessions | sessions
-- column: visitors count | Visitors | visitors
-- column: bounce_rate ratio | Bounce rate | bounce_rate
-- column: add_to_cart_rate ratio | Add to cart rate | add_to_cart_rate
-- column: reached_checkout_rate ratio | Reached checkout rate | reached_checkout_rate
-- column: conversion_rate ratio | Conversion rate | conversion_rate
-- column: orders count | Orders | orders
-- column: gross_sales money | Gross sales | gross_sales
-- column: revenue_per_session money | Sales per session | revenue_per_session
-- chart: bar x=channel y=sessions,orders
-- metrics: sessions, visitors, bounce_rate, add_to_cart_rate, reached_checkout_rate, conversion_rate, orders, gross_sales,
--   revenue_per_session
-- rows: session_list
-- models: sessions 0..0, order_sessions -1..1, placed_orders -1..1
WITH seen AS (
  SELECT * FROM sessions WHERE between_dates(local_date) AND (:device = '' OR device = :device)
),
sales AS (
  SELECT
    v.channel,
    COUNT(*) AS orders,
    SUM(o.gross_sales) AS gross_sales,
    SUM(o.gross_sales - o.discounts) AS value
  FROM seen AS v
  INNER JOIN order_sessions AS e ON e.session_key = v.session_key
  INNER JOIN placed_orders AS o ON o.order_id = e.order_id
  GROUP BY v.channel
),
counted AS (
  SELECT
    channel,
    COUNT(*) AS sessions,
    COUNT(DISTINCT visitor_id) AS visitors,
    COUNT(*) FILTER (WHERE NOT engaged) AS bounced,
    COUNT(*) FILTER (WHERE filled_cart) AS filled_cart,
    COUNT(*) FILTER (WHERE reached_checkout) AS reached_checkout,
    COUNT(*) FILTER (WHERE converted) AS converted
  FROM seen
  GROUP BY channel
)
SELECT
  c.channel,
  c.sessions,
  c.visitors,
  ratio(c.bounced, c.sessions) AS bounce_rate,
  ratio(c.filled_cart, c.sessions) AS add_to_cart_rate,
  ratio(c.reached_checkout, c.sessions) AS reached_checkout_rate,
  ratio(c.converted, c.sessions) AS conversion_rate,
  COALESCE(s.orders, 0) AS orders,
  COALESCE(s.gross_sales, 0) AS gross_sales,
  CAST(ratio(COALESCE(s.value, 0), c.sessions) AS DECIMAL(38, 4)) AS revenue_per_session
FROM counted AS c
LEFT JOIN sales AS s ON s.channel = c.channel
ORDER BY c.sessions DESC, c.channel
