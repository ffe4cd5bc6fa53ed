-- title: Purchase funnel
-- question: How far do visits get, and where do they stop?
-- group: funnel
-- note: Closed and ordered, within one session: a step counts only after the one before it.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: device text = "" | Only this device; empty for all.
-- parameter: channel text = "" | Only this channel; empty for all.
-- column: step count | Step
-- column: step_name text | What happened
-- column: sessions count | Sessions | purchase_funnel
-- column: share_of_all ratio | Share of all sessions
-- column: share_of_previous ratio | Share of the step before
-- chart: funnel x=step_name y=sessions
-- metrics: purchase_funnel
-- rows: session_list
-- models: session_sums -1..1
WITH reached AS (
  SELECT funnel_step, sessions
  FROM session_sums
  WHERE between_dates(local_date)
    AND (:device = '' OR device = :device)
    AND (:channel = '' OR channel = :channel)
),
steps AS (
  SELECT 1 AS step, 'session' AS step_name, COALESCE(sum_whole(sessions), 0) AS sessions FROM reached
  UNION ALL
  SELECT 2 AS step, 'product_view' AS step_name, COALESCE(sum_whole(sessions), 0) AS sessions FROM reached WHERE funnel_step >= 1
  UNION ALL
  SELECT 3 AS step, 'add_to_cart' AS step_name, COALESCE(sum_whole(sessions), 0) AS sessions FROM reached WHERE funnel_step >= 2
  UNION ALL
  SELECT 4 AS step, 'checkout_started' AS step_name, COALESCE(sum_whole(sessions), 0) AS sessions FROM reached WHERE funnel_step >= 3
  UNION ALL
  SELECT 5 AS step, 'order_created' AS step_name, COALESCE(sum_whole(sessions), 0) AS sessions FROM reached WHERE funnel_step >= 4
)
SELECT
  step,
  step_name,
  sessions,
  ratio(sessions, FIRST_VALUE(sessions) OVER (ORDER BY step)) AS share_of_all,
  ratio(sessions, LAG(sessions) OVER (ORDER BY step)) AS share_of_previous
FROM steps
ORDER BY step
