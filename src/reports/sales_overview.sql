-- title: Sales overview
-- question: How did the shop do, in one line?
-- group: sales
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: country text = "" | Only orders that go to this country, and then nothing of visits; empty for all.
-- column: gross_sales money | Gross sales | gross_sales
-- column: discounts money | Discounts | discounts
-- column: sales_reversals money | Sales reversals | sales_reversals
-- column: net_sales money | Net sales | net_sales
-- column: shipping money | Shipping | shipping
-- column: taxes money | Taxes | taxes
-- column: orders count | Orders | orders
-- column: units count | Units | units
-- column: aov money | Average order value | aov
-- column: units_per_order number | Units per order | units_per_order
-- column: discount_rate ratio | Discount rate | discount_rate
-- column: refund_rate ratio | Refund rate | refund_rate
-- column: customers count | Customers | customers
-- column: sessions count | Sessions | sessions
-- column: conversion_rate ratio | Conversion rate | conversion_rate
-- column: revenue_per_session money | Sales per session | revenue_per_session
-- chart: tiles y=net_sales,orders,conversion_rate,aov,sessions,refund_rate
-- metrics: gross_sales, discounts, sales_reversals, net_sales, shipping, taxes, orders, units, aov, units_per_order,
--   discount_rate, refund_rate, customers, sessions, conversion_rate, revenue_per_session
-- rows: order_list
-- models: placed_orders 0..0, refunds .., sales_reversals 0..0, session_sums -1..1
WITH sold AS (
  SELECT
    COALESCE(SUM(gross_sales), 0) AS gross_sales,
    COALESCE(SUM(discounts), 0) AS discounts,
    COALESCE(SUM(shipping), 0) AS shipping,
    COALESCE(SUM(taxes), 0) AS taxes,
    COUNT(*) AS orders,
    COALESCE(sum_whole(units), 0) AS units,
    COUNT(*) FILTER (WHERE order_id IN (SELECT f.order_id FROM refunds AS f)) AS refunded_orders,
    COUNT(DISTINCT customer_id) AS customers
  FROM placed_orders
  WHERE between_dates(local_date) AND (:country = '' OR COALESCE(country, '(none)') = :country)
),
reversed AS (
  SELECT COALESCE(SUM(amount), 0) AS amount
  FROM sales_reversals
  WHERE between_dates(local_date) AND (:country = '' OR COALESCE(country, '(none)') = :country)
),
seen AS (
  SELECT
    CASE WHEN :country = '' THEN COALESCE(sum_whole(sessions), 0) END AS sessions,
    COALESCE(sum_whole(converted), 0) AS converted,
    COALESCE(SUM(value), 0) AS value
  FROM session_sums
  WHERE between_dates(local_date)
)
SELECT
  s.gross_sales,
  s.discounts,
  r.amount AS sales_reversals,
  s.gross_sales - s.discounts - r.amount AS net_sales,
  s.shipping,
  s.taxes,
  s.orders,
  s.units,
  money_ratio(s.gross_sales - s.discounts, s.orders) AS aov,
  ratio(s.units, s.orders) AS units_per_order,
  ratio(s.discounts, s.gross_sales) AS discount_rate,
  ratio(s.refunded_orders, s.orders) AS refund_rate,
  s.customers,
  v.sessions,
  ratio(v.converted, v.sessions) AS conversion_rate,
  money_ratio(v.value, v.sessions) AS revenue_per_session
FROM sold AS s
CROSS JOIN reversed AS r
CROSS JOIN seen AS v
