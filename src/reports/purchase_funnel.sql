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
-- models: session_events, sessions
WITH visits AS (
  SELECT session_key
  FROM sessions
  WHERE between_dates(local_date)
    AND (:device = '' OR device = :device)
    AND (:channel = '' OR channel = :channel)
),
acts AS (
  SELECT
    e.session_key,
    e.event_type,
    ROW_NUMBER() OVER (
      PARTITION BY e.session_key
      ORDER BY
        e.occurred_at,
        CASE e.event_type
          WHEN 'product_view' THEN 1 WHEN 'add_to_cart' THEN 2 WHEN 'checkout_started' THEN 3 ELSE 4
        END,
        e.event_id
    ) AS place
  FROM session_events AS e
  INNER JOIN visits AS v ON v.session_key = e.session_key
  WHERE e.event_type IN ('product_view', 'add_to_cart', 'checkout_started', 'order_created')
),
viewed AS (
  SELECT session_key, MIN(place) AS place
  FROM acts
  WHERE event_type = 'product_view'
  GROUP BY session_key
),
carted AS (
  SELECT a.session_key, MIN(a.place) AS place
  FROM acts AS a
  INNER JOIN viewed AS p ON p.session_key = a.session_key AND a.place > p.place
  WHERE a.event_type = 'add_to_cart'
  GROUP BY a.session_key
),
checked AS (
  SELECT a.session_key, MIN(a.place) AS place
  FROM acts AS a
  INNER JOIN carted AS p ON p.session_key = a.session_key AND a.place > p.place
  WHERE a.event_type = 'checkout_started'
  GROUP BY a.session_key
),
bought AS (
  SELECT a.session_key, MIN(a.place) AS place
  FROM acts AS a
  INNER JOIN checked AS p ON p.session_key = a.session_key AND a.place > p.place
  WHERE a.event_type = 'order_created'
  GROUP BY a.session_key
),
steps AS (
  SELECT 1 AS step, 'session' AS step_name, COUNT(*) AS sessions FROM visits
  UNION ALL
  SELECT 2 AS step, 'product_view' AS step_name, COUNT(*) AS sessions FROM viewed
  UNION ALL
  SELECT 3 AS step, 'add_to_cart' AS step_name, COUNT(*) AS sessions FROM carted
  UNION ALL
  SELECT 4 AS step, 'checkout_started' AS step_name, COUNT(*) AS sessions FROM checked
  UNION ALL
  SELECT 5 AS step, 'order_created' AS step_name, COUNT(*) AS sessions FROM bought
)
SELECT
  step,
  step_name,
  sessions,
  ratio(sessions, FIRST_VALUE(sessions) OVER (ORDER BY step)) AS share_of_all,
  ratio(sessions, LAG(sessions) OVER (ORDER BY step)) AS share_of_previous
FROM steps
ORDER BY step
