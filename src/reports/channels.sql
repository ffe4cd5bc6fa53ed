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
-- models: session_sums -1..1, session_visitors -1..1
WITH counted AS (
  SELECT
    channel,
    sum_whole(sessions) AS sessions,
    sum_whole(bounced) AS bounced,
    sum_whole(filled_cart) AS filled_cart,
    sum_whole(reached_checkout) AS reached_checkout,
    sum_whole(converted) AS converted,
    sum_whole(orders) AS orders,
    SUM(gross_sales) AS gross_sales,
    SUM(value) AS value
  FROM session_sums
  WHERE between_dates(local_date) AND (:device = '' OR device = :device)
  GROUP BY channel
),
met AS (
  SELECT channel, COUNT(DISTINCT visitor_id) AS visitors
  FROM session_visitors
  WHERE between_dates(local_date) AND (:device = '' OR device = :device)
  GROUP BY channel
)
SELECT
  c.channel,
  c.sessions,
  v.visitors,
  ratio(c.bounced, c.sessions) AS bounce_rate,
  ratio(c.filled_cart, c.sessions) AS add_to_cart_rate,
  ratio(c.reached_checkout, c.sessions) AS reached_checkout_rate,
  ratio(c.converted, c.sessions) AS conversion_rate,
  c.orders,
  c.gross_sales,
  money_ratio(c.value, c.sessions) AS revenue_per_session
FROM counted AS c
INNER JOIN met AS v ON v.channel = c.channel
ORDER BY c.sessions DESC, c.channel
