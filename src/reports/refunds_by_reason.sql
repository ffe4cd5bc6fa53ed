-- title: Sales reversals by reason
-- question: Why does money go back?
-- group: sales
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- column: kind text | Kind
-- column: reason text | Reason
-- column: reversals count | Reversals
-- column: orders count | Orders
-- column: amount money | Amount | sales_reversals
-- chart: bar x=reason y=amount
-- metrics: sales_reversals
-- rows: order_list
-- models: sales_reversals 0..0
SELECT
  kind,
  COALESCE(reason, '(none)') AS reason,
  COUNT(*) AS reversals,
  COUNT(DISTINCT order_id) AS orders,
  SUM(amount) AS amount
FROM sales_reversals
WHERE between_dates(local_date)
GROUP BY kind, COALESCE(reason, '(none)')
ORDER BY 5 DESC, 1, 2
