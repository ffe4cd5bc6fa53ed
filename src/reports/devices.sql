-- title: Devices
-- question: What do people shop with, and where do they buy?
-- group: acquisition
-- note: The device of the session's first event that tells it.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: channel text = "" | Only this channel; empty for all.
-- column: device text | Device
-- column: sessions count | Sessions | sessions
-- column: visitors count | Visitors | visitors
-- column: bounce_rate ratio | Bounce rate | bounce_rate
-- column: add_to_cart_rate ratio | Add to cart rate | add_to_cart_rate
-- column: reached_checkout_rate ratio | Reached checkout rate | reached_checkout_rate
-- column: conversion_rate ratio | Conversion rate | conversion_rate
-- chart: bar x=device y=sessions,conversion_rate
-- metrics: sessions, visitors, bounce_rate, add_to_cart_rate, reached_checkout_rate, conversion_rate
-- rows: session_list
-- models: session_sums -1..1, session_visitors -1..1
WITH counted AS (
  SELECT
    device,
    sum_whole(sessions) AS sessions,
    sum_whole(bounced) AS bounced,
    sum_whole(filled_cart) AS filled_cart,
    sum_whole(reached_checkout) AS reached_checkout,
    sum_whole(converted) AS converted
  FROM session_sums
  WHERE between_dates(local_date) AND (:channel = '' OR channel = :channel)
  GROUP BY device
),
met AS (
  SELECT device, COUNT(DISTINCT visitor_id) AS visitors
  FROM session_visitors
  WHERE between_dates(local_date) AND (:channel = '' OR channel = :channel)
  GROUP BY device
)
SELECT
  c.device,
  c.sessions,
  v.visitors,
  ratio(c.bounced, c.sessions) AS bounce_rate,
  ratio(c.filled_cart, c.sessions) AS add_to_cart_rate,
  ratio(c.reached_checkout, c.sessions) AS reached_checkout_rate,
  ratio(c.converted, c.sessions) AS conversion_rate
FROM counted AS c
INNER JOIN met AS v ON v.device = c.device
ORDER BY c.sessions DESC, c.device
