-- title: Extent
-- question: From which day to which is there anything to see?
-- group: live
-- column: first_day date | First day
-- column: last_day date | Last day
-- column: first_order date | First order
-- column: last_order date | Last order
-- chart: table
-- models: event_sums .., order_created ..
WITH seen AS (
  SELECT MIN(local_date) AS first_day, MAX(local_date) AS last_day FROM event_sums
),
bought AS (
  SELECT MIN(local_date) AS first_order, MAX(local_date) AS last_order FROM order_created
)
SELECT s.first_day, s.last_day, b.first_order, b.last_order
FROM seen AS s
CROSS JOIN bought AS b
