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
-- models: sessions 0..0
WITH queried AS (
  SELECT
    CASE WHEN strpos(landing_page, '?') > 0 THEN substr(landing_page, 1, strpos(landing_page, '?') - 1) ELSE landing_page END AS page,
    visitor_id,
    engaged,
    filled_cart,
    converted
  FROM sessions
  WHERE between_dates(local_date)
    AND (:channel = '' OR channel = :channel)
    AND (:device = '' OR device = :device)
),
plain AS (
  SELECT
    COALESCE(CASE WHEN strpos(page, '#') > 0 THEN substr(page, 1, strpos(page, '#') - 1) ELSE page END, '(none)') AS landing_page,
    visitor_id,
    engaged,
    filled_cart,
    converted
  FROM queried
)
SELECT
  landing_page,
  COUNT(*) AS sessions,
  COUNT(DISTINCT visitor_id) AS visitors,
  ratio(COUNT(*) FILTER (WHERE NOT engaged), COUNT(*)) AS bounce_rate,
  ratio(COUNT(*) FILTER (WHERE filled_cart), COUNT(*)) AS add_to_cart_rate,
  ratio(COUNT(*) FILTER (WHERE converted), COUNT(*)) AS conversion_rate
FROM plain
GROUP BY landing_page
ORDER BY sessions DESC, landing_page
LIMIT :limit
