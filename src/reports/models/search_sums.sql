-- Searches added up: one row per UTC day (dt), day of the shop's clock and term. A session counts on the first of those days on
-- which it looked for the term; ordered are the searches with a later order of the session.
-- days: searches -1..0, order_sessions -1..2
-- keep: days
WITH bought AS (
  SELECT session_key, MAX(occurred_at) AS ordered_at FROM order_sessions GROUP BY session_key
),
told AS (
  SELECT
    s.*,
    b.ordered_at,
    ROW_NUMBER() OVER (PARTITION BY s.session_key, s.term ORDER BY s.occurred_at, s.event_id) AS place
  FROM searches AS s
  LEFT JOIN bought AS b ON b.session_key = s.session_key
)
SELECT
  dt,
  local_date,
  term,
  COUNT(*) AS searches,
  COUNT(*) FILTER (WHERE place = 1 AND session_key IS NOT NULL) AS sessions,
  COUNT(results) AS with_results,
  COUNT(*) FILTER (WHERE results = 0) AS no_result,
  COUNT(*) FILTER (WHERE NOT clicked) AS no_click,
  COUNT(*) FILTER (WHERE ordered_at >= occurred_at) AS ordered
FROM told
GROUP BY dt, local_date, term
