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
),
cuts AS (
  SELECT
    percentile(recency_days, 0.10) AS r10,
    percentile(recency_days, 0.20) AS r20,
    percentile(recency_days, 0.25) AS r25,
    percentile(recency_days, 0.40) AS r40,
    percentile(recency_days, 0.50) AS r50,
    percentile(recency_days, 0.60) AS r60,
    percentile(recency_days, 0.75) AS r75,
    percentile(recency_days, 0.80) AS r80,
    percentile(recency_days, 0.90) AS r90,
    percentile(recency_days, 0.95) AS r95,
    percentile(frequency, 0.10) AS f10,
    percentile(frequency, 0.20) AS f20,
    percentile(frequency, 0.25) AS f25,
    percentile(frequency, 0.40) AS f40,
    percentile(frequency, 0.50) AS f50,
    percentile(frequency, 0.60) AS f60,
    percentile(frequency, 0.75) AS f75,
    percentile(frequency, 0.80) AS f80,
    percentile(frequency, 0.90) AS f90,
    percentile(frequency, 0.95) AS f95,
    percentile(monetary, 0.10) AS m10,
    percentile(monetary, 0.20) AS m20,
    percentile(monetary, 0.25) AS m25,
    percentile(monetary, 0.40) AS m40,
    percentile(monetary, 0.50) AS m50,
    percentile(monetary, 0.60) AS m60,
    percentile(monetary, 0.75) AS m75,
    percentile(monetary, 0.80) AS m80,
    percentile(monetary, 0.90) AS m90,
    percentile(monetary, 0.95) AS m95
  FROM buyers
)
SELECT
  p.percentile,
  CASE p.percentile
    WHEN 10 THEN c.r10
    WHEN 20 THEN c.r20
    WHEN 25 THEN c.r25
    WHEN 40 THEN c.r40
    WHEN 50 THEN c.r50
    WHEN 60 THEN c.r60
    WHEN 75 THEN c.r75
    WHEN 80 THEN c.r80
    WHEN 90 THEN c.r90
    WHEN 95 THEN c.r95
  END AS recency_days,
  CASE p.percentile
    WHEN 10 THEN c.f10
    WHEN 20 THEN c.f20
    WHEN 25 THEN c.f25
    WHEN 40 THEN c.f40
    WHEN 50 THEN c.f50
    WHEN 60 THEN c.f60
    WHEN 75 THEN c.f75
    WHEN 80 THEN c.f80
    WHEN 90 THEN c.f90
    WHEN 95 THEN c.f95
  END AS frequency,
  CASE p.percentile
    WHEN 10 THEN c.m10
    WHEN 20 THEN c.m20
    WHEN 25 THEN c.m25
    WHEN 40 THEN c.m40
    WHEN 50 THEN c.m50
    WHEN 60 THEN c.m60
    WHEN 75 THEN c.m75
    WHEN 80 THEN c.m80
    WHEN 90 THEN c.m90
    WHEN 95 THEN c.m95
  END AS monetary
FROM cuts AS c
CROSS JOIN (VALUES (10), (20), (25), (40), (50), (60), (75), (80), (90), (95)) AS p (percentile)
ORDER BY 1
