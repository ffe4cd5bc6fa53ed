-- title: Campaigns
-- question: Which campaigns bring visits, and do these buy?
-- group: acquisition
-- note: By the first page of a visit whose address names a campaign (utm_campaign). Sales are gross sales less discounts of the
--   orders of these visits.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: limit count 1..5000 = 50 | How many campaigns.
-- column: campaign text | Campaign
-- column: utm_source text | Source
-- column: utm_medium text | Medium
-- column: sessions count | Sessions | sessions
-- column: conversion_rate ratio | Conversion rate | conversion_rate
-- column: orders count | Orders | orders
-- column: revenue_per_session money | Sales per session | revenue_per_session
-- chart: table
-- metrics: sessions, conversion_rate, orders, revenue_per_session
-- rows: session_list
-- models: session_campaigns 0..0, sessions 0..0, order_sessions -1..1, placed_orders -1..1
WITH told AS (
  SELECT DISTINCT session_key, order_id FROM order_sessions
),
sold AS (
  SELECT e.session_key, COUNT(*) AS orders, SUM(o.gross_sales - o.discounts) AS value
  FROM told AS e
  INNER JOIN placed_orders AS o ON o.order_id = e.order_id
  GROUP BY e.session_key
)
SELECT
  t.campaign,
  t.utm_source,
  t.utm_medium,
  COUNT(*) AS sessions,
  ratio(COUNT(*) FILTER (WHERE s.converted), COUNT(*)) AS conversion_rate,
  COALESCE(sum_whole(b.orders), 0) AS orders,
  money_ratio(COALESCE(SUM(b.value), 0), COUNT(*)) AS revenue_per_session
FROM session_campaigns AS t
INNER JOIN sessions AS s ON s.session_key = t.session_key
LEFT JOIN sold AS b ON b.session_key = t.session_key
WHERE between_dates(s.local_date)
GROUP BY t.campaign, t.utm_source, t.utm_medium
ORDER BY sessions DESC, t.campaign, t.utm_source, t.utm_medium
LIMIT :limit
