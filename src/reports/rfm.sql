-- title: RFM groups
-- question: Which kinds of customers does the shop have?
-- group: customers
-- note: R, F and M are fifths within the shop, 5 the best, cut at the percentiles 20, 40, 60 and 80 (report rfm_quantiles);
--   FM = (F + M) ÷ 2. champions R 5, FM ≥ 4; loyal R 3–4, FM ≥ 4; active R 4–5, FM 2–3.5; new R 5, FM < 2; promising R 4,
--   FM < 2; needs_attention R 3, FM 3–3.5; almost_lost R 3, FM < 3; previously_loyal R 1–2, FM ≥ 4; at_risk R 1–2, FM 3–3.5;
--   dormant R 1–2, FM < 3; prospects are known but never ordered.
-- parameter: as_of date | Last day counted; today if missing.
-- column: rfm_group text | Group | rfm_group
-- column: customers count | Customers
-- column: share ratio | Share of customers
-- column: orders count | Orders | orders
-- column: gross_sales money | Gross sales | gross_sales
-- column: mean_recency_days number | Mean days since the last order
-- chart: bar x=rfm_group y=customers
-- metrics: rfm_group, orders, gross_sales
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
    percentile(recency_days, 0.2) AS r20,
    percentile(recency_days, 0.4) AS r40,
    percentile(recency_days, 0.6) AS r60,
    percentile(recency_days, 0.8) AS r80,
    percentile(frequency, 0.2) AS f20,
    percentile(frequency, 0.4) AS f40,
    percentile(frequency, 0.6) AS f60,
    percentile(frequency, 0.8) AS f80,
    percentile(monetary, 0.2) AS m20,
    percentile(monetary, 0.4) AS m40,
    percentile(monetary, 0.6) AS m60,
    percentile(monetary, 0.8) AS m80
  FROM buyers
),
scored AS (
  SELECT
    b.customer_id,
    b.recency_days,
    b.frequency,
    b.monetary,
    CASE
      WHEN b.recency_days <= c.r20 THEN 5
      WHEN b.recency_days <= c.r40 THEN 4
      WHEN b.recency_days <= c.r60 THEN 3
      WHEN b.recency_days <= c.r80 THEN 2
      ELSE 1
    END AS r,
    CASE
      WHEN b.frequency > c.f80 THEN 5
      WHEN b.frequency > c.f60 THEN 4
      WHEN b.frequency > c.f40 THEN 3
      WHEN b.frequency > c.f20 THEN 2
      ELSE 1
    END
    + CASE
      WHEN b.monetary > c.m80 THEN 5
      WHEN b.monetary > c.m60 THEN 4
      WHEN b.monetary > c.m40 THEN 3
      WHEN b.monetary > c.m20 THEN 2
      ELSE 1
    END AS fm_doubled
  FROM buyers AS b
  CROSS JOIN cuts AS c
),
known AS (
  SELECT customer_id FROM customer_updated WHERE local_date <= :as_of AND customer_id IS NOT NULL
  UNION
  SELECT customer_id FROM customer_identified WHERE local_date <= :as_of AND customer_id IS NOT NULL
),
grouped AS (
  SELECT
    CASE
      WHEN r = 5 AND fm_doubled >= 8 THEN 'champions'
      WHEN r >= 3 AND fm_doubled >= 8 THEN 'loyal'
      WHEN fm_doubled >= 8 THEN 'previously_loyal'
      WHEN r >= 4 AND fm_doubled >= 4 THEN 'active'
      WHEN r = 5 THEN 'new'
      WHEN r = 4 THEN 'promising'
      WHEN r = 3 AND fm_doubled >= 6 THEN 'needs_attention'
      WHEN r = 3 THEN 'almost_lost'
      WHEN fm_doubled >= 6 THEN 'at_risk'
      ELSE 'dormant'
    END AS rfm_group,
    recency_days,
    frequency,
    monetary
  FROM scored
  UNION ALL
  SELECT
    'prospects' AS rfm_group,
    CAST(NULL AS BIGINT) AS recency_days,
    0 AS frequency,
    CAST(0 AS DECIMAL(38, 4)) AS monetary
  FROM known AS k
  WHERE NOT EXISTS (SELECT 1 FROM buyers AS b WHERE b.customer_id = k.customer_id)
)
SELECT
  rfm_group,
  COUNT(*) AS customers,
  ratio(COUNT(*), SUM(COUNT(*)) OVER ()) AS share,
  sum_whole(frequency) AS orders,
  SUM(monetary) AS gross_sales,
  mean(recency_days) AS mean_recency_days
FROM grouped
GROUP BY rfm_group
ORDER BY 5 DESC, 1
