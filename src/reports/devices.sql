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
-- models: sessions 0..0
SELECT
  device,
  COUNT(*) AS sessions,
  COUNT(DISTINCT visitor_id) AS visitors,
  ratio(COUNT(*) FILTER (WHERE NOT engaged), COUNT(*)) AS bounce_rate,
  ratio(COUNT(*) FILTER (WHERE filled_cart), COUNT(*)) AS add_to_cart_rate,
  ratio(COUNT(*) FILTER (WHERE reached_checkout), COUNT(*)) AS reached_checkout_rate,
  ratio(COUNT(*) FILTER (WHERE converted), COUNT(*)) AS conversion_rate
FROM sessions
WHERE between_dates(local_date) AND (:channel = '' OR channel = :channel)
GROUP BY device
ORDER BY sessions DESC, device
