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
-- models: sessions 0..0
SELECT
  d.day,
  COUNT(s.session_key) AS sessions,
  COUNT(DISTINCT s.visitor_id) AS visitors,
  ratio(COUNT(s.session_key) FILTER (WHERE NOT s.engaged), COUNT(s.session_key)) AS bounce_rate,
  ratio(COUNT(s.session_key) FILTER (WHERE s.filled_cart), COUNT(s.session_key)) AS add_to_cart_rate,
  ratio(COUNT(s.session_key) FILTER (WHERE s.reached_checkout), COUNT(s.session_key)) AS reached_checkout_rate,
  ratio(COUNT(s.session_key) FILTER (WHERE s.converted), COUNT(s.session_key)) AS conversion_rate
FROM each_day(:from, :to, d)
LEFT JOIN sessions AS s ON s.local_date = d.day
GROUP BY d.day
ORDER BY d.day
