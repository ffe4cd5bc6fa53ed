-- title: RFM quantiles
-- question: Where do the cut-offs of recency, frequency and monetary value lie?
-- group: customers
-- note: The value of rank ceil(percentile ÷ 100 × customers), an existing one. Recency is the days from a customer's last
--   order to the day asked for.
-- parameter: as_of date | Last day counted; today if missing.
-- column: percentile count | Percentile
-- column: recency_days days | Days since the last order
-- column: frequency count | Orders | orders
-- column: monetary money | Gross sales | gross_sales
-- chart: table
-- metrics: orders, gross_sales, rfm_group
-- models: placed_orders ..
WITH buyers AS (
  SELECT
    customer_id,
    days_between(MAX(local_date), :as_of) AS recency_days,
    COUNT(*) AS frequency,
    SUM(gross_sales) AS monetary
  FROM placed_orders
  WHERE customer_id IS NOT NULL AND local_date <= :as_of
  GROUP BY customer_id
)
SELECT
  10 AS percentile,
  percentile(recency_days, 0.10) AS recency_days,
  percentile(frequency, 0.10) AS frequency,
  percentile(monetary, 0.10) AS monetary
FROM buyers
UNION ALL
SELECT
  20 AS percentile,
  percentile(recency_days, 0.20) AS recency_days,
  percentile(frequency, 0.20) AS frequency,
  percentile(monetary, 0.20) AS monetary
FROM buyers
UNION ALL
SELECT
  25 AS percentile,
  percentile(recency_days, 0.25) AS recency_days,
  percentile(frequency, 0.25) AS frequency,
  percentile(monetary, 0.25) AS monetary
FROM buyers
UNION ALL
SELECT
  40 AS percentile,
  percentile(recency_days, 0.40) AS recency_days,
  percentile(frequency, 0.40) AS frequency,
  percentile(monetary, 0.40) AS monetary
FROM buyers
UNION ALL
SELECT
  50 AS percentile,
  percentile(recency_days, 0.50) AS recency_days,
  percentile(frequency, 0.50) AS frequency,
  percentile(monetary, 0.50) AS monetary
FROM buyers
UNION ALL
SELECT
  60 AS percentile,
  percentile(recency_days, 0.60) AS recency_days,
  percentile(frequency, 0.60) AS frequency,
  percentile(monetary, 0.60) AS monetary
FROM buyers
UNION ALL
SELECT
  75 AS percentile,
  percentile(recency_days, 0.75) AS recency_days,
  percentile(frequency, 0.75) AS frequency,
  percentile(monetary, 0.75) AS monetary
FROM buyers
UNION ALL
SELECT
  80 AS percentile,
  percentile(recency_days, 0.80) AS recency_days,
  percentile(frequency, 0.80) AS frequency,
  percentile(monetary, 0.80) AS monetary
FROM buyers
UNION ALL
SELECT
  90 AS percentile,
  percentile(recency_days, 0.90) AS recency_days,
  percentile(frequency, 0.90) AS frequency,
  percentile(monetary, 0.90) AS monetary
FROM buyers
UNION ALL
SELECT
  95 AS percentile,
  percentile(recency_days, 0.95) AS recency_days,
  percentile(frequency, 0.95) AS frequency,
  percentile(monetary, 0.95) AS monetary
FROM buyers
ORDER BY 1
