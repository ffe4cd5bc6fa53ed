-- title: Cohort retention
-- question: Of the customers won in a month, how many still buy later?
-- group: customers
-- note: Cohorts by the month of the first order. A cell is left out until its month is over.
-- parameter: as_of date | Last day counted; today if missing.
-- parameter: months count 1..60 = 12 | How many cohorts, back from that day's month.
-- column: cohort date | Month of the first order
-- column: month_number count | Months later
-- column: cohort_customers count | Customers of the cohort
-- column: customers count | Customers who ordered
-- column: retention ratio | Retention | cohort_retention
-- column: gross_sales money | Gross sales | gross_sales
-- column: cumulative_sales_per_customer money | Gross sales per customer so far
-- chart: heatmap x=month_number y=retention series=cohort
-- metrics: cohort_retention, gross_sales
-- models: placed_orders ..
WITH bought AS (
  SELECT customer_id, local_date, gross_sales
  FROM placed_orders
  WHERE customer_id IS NOT NULL AND local_date <= :as_of
),
firsts AS (
  SELECT customer_id, period('month', MIN(local_date)) AS cohort
  FROM bought
  GROUP BY customer_id
),
sizes AS (
  SELECT cohort, COUNT(*) AS cohort_customers
  FROM firsts
  WHERE months_between(cohort, :as_of) < :months
  GROUP BY cohort
),
active AS (
  SELECT
    f.cohort,
    months_between(f.cohort, b.local_date) AS month_number,
    COUNT(DISTINCT b.customer_id) AS customers,
    SUM(b.gross_sales) AS gross_sales
  FROM bought AS b
  INNER JOIN firsts AS f ON f.customer_id = b.customer_id
  GROUP BY f.cohort, months_between(f.cohort, b.local_date)
),
over_months AS (
  SELECT DISTINCT period('month', day) AS month
  FROM each_day(add_days(:as_of, 0 - 31 * :months), :as_of, d)
),
cells AS (
  SELECT s.cohort, s.cohort_customers, months_between(s.cohort, m.month) AS month_number
  FROM sizes AS s
  INNER JOIN over_months AS m ON m.month >= s.cohort
  WHERE m.month < period('month', add_days(CASE WHEN :as_of < :today THEN :as_of ELSE :today END, 1))
)
SELECT
  c.cohort,
  c.month_number,
  c.cohort_customers,
  COALESCE(a.customers, 0) AS customers,
  ratio(COALESCE(a.customers, 0), c.cohort_customers) AS retention,
  COALESCE(a.gross_sales, 0) AS gross_sales,
  money_ratio(
    SUM(COALESCE(a.gross_sales, 0)) OVER (PARTITION BY c.cohort ORDER BY c.month_number),
    c.cohort_customers
  ) AS cumulative_sales_per_customer
FROM cells AS c
LEFT JOIN active AS a ON a.cohort = c.cohort AND a.month_number = c.month_number
ORDER BY c.cohort, c.month_number
