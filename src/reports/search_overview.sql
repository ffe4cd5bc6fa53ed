-- title: Search overview
-- question: Does the search of the shop work, in one line?
-- group: search
-- note: A click is a click on or view of a product in the same session within 5 minutes; an order is any later one of the session.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- column: searches count | Searches | searches
-- column: terms count | Different terms
-- column: no_result_rate ratio | No-result rate | no_result_rate
-- column: no_click_rate ratio | No-click rate | no_click_rate
-- column: search_purchase_rate ratio | Search to order | search_purchase_rate
-- chart: tiles y=searches,terms,no_result_rate,no_click_rate,search_purchase_rate
-- metrics: searches, no_result_rate, no_click_rate, search_purchase_rate
-- rows: search_terms
-- models: search 0..0, session_acts 0..1, order_sessions 0..1
WITH searched AS (
  SELECT
    q.event_id,
    LOWER(TRIM(q.search_term)) AS term,
    q.results,
    q.occurred_at,
    s.session_key
  FROM search AS q
  LEFT JOIN session_acts AS s ON s.event_id = q.event_id AND s.dt = q.dt AND s.event_type = 'search'
  WHERE NOT q.bot AND between_dates(q.local_date, q.dt)
),
later AS (
  SELECT session_key, occurred_at, 0 AS ordered
  FROM session_acts
  WHERE event_type IN ('product_click', 'product_view')
  UNION ALL
  SELECT session_key, occurred_at, 1 AS ordered
  FROM order_sessions
),
follow AS (
  SELECT
    q.event_id,
    MAX(CASE WHEN e.ordered = 0 AND ms_between(q.occurred_at, e.occurred_at) <= 300000 THEN 1 ELSE 0 END) AS clicked,
    MAX(e.ordered) AS ordered
  FROM searched AS q
  INNER JOIN later AS e ON e.session_key = q.session_key AND e.occurred_at >= q.occurred_at
  GROUP BY q.event_id
)
SELECT
  COUNT(*) AS searches,
  COUNT(DISTINCT q.term) AS terms,
  ratio(COUNT(*) FILTER (WHERE q.results = 0), COUNT(q.results)) AS no_result_rate,
  ratio(COUNT(*) FILTER (WHERE COALESCE(f.clicked, 0) = 0), COUNT(*)) AS no_click_rate,
  ratio(COUNT(*) FILTER (WHERE f.ordered = 1), COUNT(*)) AS search_purchase_rate
FROM searched AS q
LEFT JOIN follow AS f ON f.event_id = q.event_id
