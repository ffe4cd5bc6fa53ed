-- One row per search of a visitor: the term in lower case without blanks around it, its session, and whether a product was
-- clicked or seen in it within 5 minutes. Bots are left out.
-- days: search 0..0, session_acts 0..1
-- key: owner
-- keep: days
WITH asked AS (
  SELECT
    q.event_id,
    q.occurred_at,
    q.local_date,
    q.dt,
    COALESCE(q.session_id, q.anonymous_id, q.customer_id, '') AS owner,
    LOWER(TRIM(q.search_term)) AS term,
    q.results,
    s.session_key
  FROM search AS q
  LEFT JOIN session_acts AS s ON s.event_id = q.event_id AND s.dt = q.dt AND s.event_type = 'search'
  WHERE NOT q.bot
),
answered AS (
  SELECT DISTINCT a.event_id, a.dt
  FROM asked AS a
  INNER JOIN session_acts AS s
    ON s.session_key = a.session_key
    AND s.occurred_at >= a.occurred_at
    AND ms_between(a.occurred_at, s.occurred_at) <= 300000
  WHERE s.event_type IN ('product_click', 'product_view')
)
SELECT
  a.event_id, a.occurred_at, a.local_date, a.dt, a.owner, a.term, a.results, a.session_key, w.event_id IS NOT NULL AS clicked
FROM asked AS a
LEFT JOIN answered AS w ON w.event_id = a.event_id AND w.dt = a.dt
