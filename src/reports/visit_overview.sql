-- title: Visit overview
-- question: How many visits were there, and how many of them bought?
-- group: acquisition
-- note: The channel of the session's first event that has one, else direct.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: device text = "" | Only this device; empty for all.
-- parameter: channel text = "" | Only this channel; empty for all.
-- column: sessions count | Sessions | sessions
-- column: bounce_rate ratio | Bounce rate | bounce_rate
-- column: add_to_cart_rate ratio | Add to cart rate | add_to_cart_rate
-- column: reached_checkout_rate ratio | Reached checkout rate | reached_checkout_rate
-- column: conversion_rate ratio | Conversion rate | conversion_rate
-- column: orders count | Orders of visits | orders
-- column: revenue_per_session money | Sales per session | revenue_per_session
-- chart: tiles y=sessions,conversion_rate,revenue_per_session,bounce_rate
-- metrics: sessions, bounce_rate, add_to_cart_rate, reached_checkout_rate, conversion_rate, orders, revenue_per_session
-- rows: session_list
-- models: session_sums -1..1
SELECT
  COALESCE(sum_whole(sessions), 0) AS sessions,
  ratio(sum_whole(bounced), sum_whole(sessions)) AS bounce_rate,
  ratio(sum_whole(filled_cart), sum_whole(sessions)) AS add_to_cart_rate,
  ratio(sum_whole(reached_checkout), sum_whole(sessions)) AS reached_checkout_rate,
  ratio(sum_whole(converted), sum_whole(sessions)) AS conversion_rate,
  COALESCE(sum_whole(orders), 0) AS orders,
  money_ratio(SUM(value), sum_whole(sessions)) AS revenue_per_session
FROM session_sums
WHERE between_dates(local_date)
  AND (:device = '' OR device = :device)
  AND (:channel = '' OR channel = :channel)
