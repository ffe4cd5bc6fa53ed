-- title: Sessions over time
-- question: How do visits develop, and how many order?
-- group: acquisition
-- note: A week begins on Monday. The first and the last week or month may lie partly outside the days asked for; only those days count.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: grain choice(day,week,month) = day | Length of a period.
-- parameter: channel text = "" | Only this channel; empty for all.
-- parameter: device text = "" | Only this device; empty for all.
-- column: period date | Period
-- column: sessions count | Sessions | sessions
-- column: visitors count | Visitors | visitors
-- column: bounce_rate ratio | Bounce rate | bounce_rate
-- column: add_to_cart_rate ratio | Add to cart rate | add_to_cart_rate
-- column: reached_checkout_rate ratio | Reached checkout rate | reached_checkout_rate
-- column: conversion_rate ratio | Conversion rate | conversion_rate
-- chart: line x=period y=sessions
-- metrics: sessions, visitors, bounce_rate, add_to_cart_rate, reached_checkout_rate, conversion_rate
-- rows: session_list
-- models: session_sums -1..1, session_visitors -1..1
WITH periods AS (
  SELECT DISTINCT period(:grain, d.day) AS period FROM each_day(:from, :to, d)
),
seen AS (
  SELECT period(:grain, local_date) AS period, sessions, bounced, filled_cart, reached_checkout, converted
  FROM session_sums
  WHERE between_dates(local_date)
    AND (:channel = '' OR channel = :channel)
    AND (:device = '' OR device = :device)
),
counted AS (
  SELECT
    period,
    sum_whole(sessions) AS sessions,
    sum_whole(bounced) AS bounced,
    sum_whole(filled_cart) AS filled_cart,
    sum_whole(reached_checkout) AS reached_checkout,
    sum_whole(converted) AS converted
  FROM seen
  GROUP BY period
),
who AS (
  SELECT period(:grain, local_date) AS period, visitor_id
  FROM session_visitors
  WHERE between_dates(local_date)
    AND (:channel = '' OR channel = :channel)
    AND (:device = '' OR device = :device)
),
met AS (
  SELECT period, COUNT(DISTINCT visitor_id) AS visitors FROM who GROUP BY period
)
SELECT
  p.period,
  COALESCE(c.sessions, 0) AS sessions,
  COALESCE(v.visitors, 0) AS visitors,
  ratio(c.bounced, c.sessions) AS bounce_rate,
  ratio(c.filled_cart, c.sessions) AS add_to_cart_rate,
  ratio(c.reached_checkout, c.sessions) AS reached_checkout_rate,
  ratio(c.converted, c.sessions) AS conversion_rate
FROM periods AS p
LEFT JOIN counted AS c ON c.period = p.period
LEFT JOIN met AS v ON v.period = p.period
ORDER BY p.period
