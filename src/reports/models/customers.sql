-- One row per customer who ordered: when, how often, for how much (shop's currency), and where.
WITH profile AS (
  SELECT customer_id, country, segment
  FROM (
    SELECT
      e.*,
      ROW_NUMBER() OVER (PARTITION BY e.customer_id ORDER BY e.occurred_at DESC, e.event_id DESC) AS place
    FROM customer_updated AS e
    WHERE e.country IS NOT NULL
  ) AS ranked
  WHERE place = 1
),
bought AS (
  SELECT
    customer_id,
    COUNT(*) AS orders,
    SUM(units) AS units,
    SUM(gross_sales) AS gross_sales,
    SUM(discounts) AS discounts,
    SUM(sales_reversals) AS sales_reversals,
    MIN(occurred_at) AS first_order_at,
    MAX(occurred_at) AS last_order_at,
    MIN(local_date) AS first_order_date,
    MAX(local_date) AS last_order_date,
    MIN(CASE WHEN order_number = 2 THEN local_date END) AS second_order_date,
    MIN(CASE WHEN order_number = 1 THEN country END) AS first_country,
    MIN(CASE WHEN order_number = 1 THEN channel END) AS first_channel
  FROM orders
  WHERE customer_id IS NOT NULL
  GROUP BY customer_id
)
SELECT
  b.customer_id,
  b.orders,
  CAST(b.units AS BIGINT) AS units,
  b.gross_sales,
  b.discounts,
  b.sales_reversals,
  b.gross_sales - b.discounts - b.sales_reversals AS net_sales,
  b.first_order_at,
  b.last_order_at,
  b.first_order_date,
  b.second_order_date,
  b.last_order_date,
  b.first_channel,
  COALESCE(p.country, b.first_country) AS country,
  p.segment
FROM bought AS b
LEFT JOIN profile AS p ON p.customer_id = b.customer_id
