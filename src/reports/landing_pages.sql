-- title: Landing pages
-- question: Where do visits begin, and which beginnings lead to an order?
-- group: acquisition
-- note: The address of a visit's first event, without what stands behind "?" or "#".
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: channel text = "" | Only this channel; empty for all.
-- parameter: device text = "" | Only this device; empty for all.
-- parameter: limit count 1..5000 = 50 | How many pages.
-- column: landing_page text | Landing page
-- column: sessions count | Sessions | sessions
-- column: visitors count | Visitors | visitors
-- column: bounce_rate ratio | Bounce rate | bounce_rate
-- column: add_to_cart_rate ratio | Add to cart rate | add_to_cart_rate
-- column: conversion_rate ratio | Conversion rate | conversion_rate
-- chart: bar x=landing_page y=sessions,conversion_rate
-- metrics: sessions, visitors, bounce_rate, add_to_cart_rate, conversion_rate
-- rows: session_list
-- models: landing_sums -1..1, landing_visitors -1..1
WITH top AS (
  SELECT
    landing_page,
    sum_whole(sessions) AS sessions,
    sum_whole(bounced) AS bounced,
    sum_whole(filled_cart) AS filled_cart,
    sum_whole(converted) AS converted
  FROM landing_sums
  WHERE between_dates(local_date)
    AND (:channel = '' OR channel = :channel)
    AND (:device = '' OR device = :device)
  GROUP BY landing_page
  ORDER BY sessions DESC, landing_page
  LIMIT :limit
),
met AS (
  SELECT v.landing_page, COUNT(DISTINCT v.visitor_id) AS visitors
  FROM landing_visitors AS v
  INNER JOIN top AS t ON t.landing_page = v.landing_page
  WHERE between_dates(v.local_date)
    AND (:channel = '' OR v.channel = :channel)
    AND (:device = '' OR v.device = :device)
  GROUP BY v.landing_page
)
SELECT
  t.landing_page,
  t.sessions,
  m.visitors,
  ratio(t.bounced, t.sessions) AS bounce_rate,
  ratio(t.filled_cart, t.sessions) AS add_to_cart_rate,
  ratio(t.converted, t.sessions) AS conversion_rate
FROM top AS t
INNER JOIN met AS m ON m.landing_page = t.landing_page
ORDER BY t.sessions DESC, t.landing_page
