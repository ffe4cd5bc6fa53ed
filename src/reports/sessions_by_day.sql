-- title: Sessions by day
-- question: How many visits came each day, and how many ordered?
-- group: acquisition
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- column: day date | Day
-- column: sessions count | Sessions | sessions
-- column: visitors count | Visitors | visitors
-- column: bounce_rate ratio | Bounce rate | bounce_rate
-- column: add_to_cart_rate ratio | Add to cart rate | add_to_cart_rate
-- column: reached_checkout_rate ratio | Reached checkout rate | reached_checkout_rate
-- column: conversion_rate ratio | Conversion rate | conversion_rate
-- chart: line x=day y=sessions
-- metrics: sessions, visitors, bounce_rate, add_to_cart_rate, reached_checkout_rate, conversion_rate
-- rows: session_list
-- models: session_sums -1..1, visitor_counts 0..0
WITH counted AS (
  SELECT
    local_date,
    sum_whole(sessions) AS sessions,
    sum_whole(bounced) AS bounced,
    sum_whole(filled_cart) AS filled_cart,
    sum_whole(reached_checkout) AS reached_checkout,
    sum_whole(converted) AS converted
  FROM session_sums
  WHERE between_dates(local_date)
  GROUP BY local_date
)
SELECT
  d.day,
  COALESCE(s.sessions, 0) AS sessions,
  COALESCE(v.visitors, 0) AS visitors,
  ratio(s.bounced, s.sessions) AS bounce_rate,
  ratio(s.filled_cart, s.sessions) AS add_to_cart_rate,
  ratio(s.reached_checkout, s.sessions) AS reached_checkout_rate,
  ratio(s.converted, s.sessions) AS conversion_rate
FROM each_day(:from, :to, d)
LEFT JOIN counted AS s ON s.local_date = d.day
LEFT JOIN visitor_counts AS v ON v.local_date = d.day
ORDER BY d.day
