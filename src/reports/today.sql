-- title: Today
-- question: How is today going, against the same weekday last week up to this hour?
-- group: live
-- note: Today is not over: the figures are partial. The last column stops at this moment a week ago.
-- column: orders count | Orders | orders
-- column: gross_sales money | Gross sales | gross_sales
-- column: discounts money | Discounts | discounts
-- column: sales_reversals money | Sales reversals | sales_reversals
-- column: net_sales money | Net sales | net_sales
-- column: sessions count | Sessions | sessions
-- column: visitors count | Visitors | visitors
-- column: conversion_rate ratio | Conversion rate | conversion_rate
-- column: last_order_at timestamp | Last order, UTC
-- column: orders_week_ago count | Orders a week ago, up to now
-- column: gross_sales_week_ago money | Gross sales a week ago, up to now
-- chart: tiles y=net_sales,orders,conversion_rate,visitors
-- metrics: orders, gross_sales, discounts, sales_reversals, net_sales, sessions, visitors, conversion_rate
-- models: placed_orders -7..0, sales_reversals 0..0, session_sums -1..1, visitor_counts 0..0
WITH sold AS (
  SELECT
    COUNT(*) FILTER (WHERE local_date = :today) AS orders,
    COALESCE(SUM(CASE WHEN local_date = :today THEN gross_sales END), 0) AS gross_sales,
    COALESCE(SUM(CASE WHEN local_date = :today THEN discounts END), 0) AS discounts,
    MAX(CASE WHEN local_date = :today THEN occurred_at END) AS last_order_at,
    COUNT(*) FILTER (WHERE local_date < :today) AS orders_week_ago,
    COALESCE(SUM(CASE WHEN local_date < :today THEN gross_sales END), 0) AS gross_sales_week_ago
  FROM placed_orders
  WHERE local_date = :today
    OR (local_date = add_days(:today, -7) AND ms_between(occurred_at, :now) >= 604800000)
),
reversed AS (
  SELECT COALESCE(SUM(amount), 0) AS amount FROM sales_reversals WHERE local_date = :today
),
seen AS (
  SELECT COALESCE(sum_whole(sessions), 0) AS sessions, COALESCE(sum_whole(converted), 0) AS converted
  FROM session_sums
  WHERE local_date = :today
),
met AS (
  SELECT COALESCE(MAX(visitors), 0) AS visitors FROM visitor_counts WHERE local_date = :today
)
SELECT
  s.orders,
  s.gross_sales,
  s.discounts,
  r.amount AS sales_reversals,
  s.gross_sales - s.discounts - r.amount AS net_sales,
  v.sessions,
  m.visitors,
  ratio(v.converted, v.sessions) AS conversion_rate,
  s.last_order_at,
  s.orders_week_ago,
  s.gross_sales_week_ago
FROM sold AS s
CROSS JOIN reversed AS r
CROSS JOIN seen AS v
CROSS JOIN met AS m
