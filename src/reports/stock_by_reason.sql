-- title: Stock movements by reason
-- question: What moved the stock?
-- group: inventory
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- column: reason text | Reason
-- column: movements count | Movements
-- column: products count | Products
-- column: units_in count | Came
-- column: units_out count | Went
-- column: change count | Change
-- chart: bar x=reason y=change
-- models: stock_movements ..
SELECT
  COALESCE(reason, '(none)') AS reason,
  COUNT(*) AS movements,
  COUNT(DISTINCT product_id) AS products,
  COALESCE(sum_whole(CASE WHEN change > 0 THEN change END), 0) AS units_in,
  COALESCE(sum_whole(CASE WHEN change < 0 THEN 0 - change END), 0) AS units_out,
  sum_whole(change) AS change
FROM stock_movements
WHERE between_dates(local_date)
GROUP BY COALESCE(reason, '(none)')
ORDER BY 2 DESC, 1
