-- One row per session that a page with a campaign in its address led to: the first one. dt is the UTC day the session began on.
-- days: page_view 0..1, session_acts 0..1
-- key: owner
-- keep: days
SELECT
  a.session_key,
  MIN(a.start_dt) AS dt,
  MIN(a.owner) AS owner,
  earliest(p.utm_campaign, p.occurred_at, p.event_id) AS campaign,
  earliest(p.utm_source, p.occurred_at, p.event_id) AS utm_source,
  earliest(p.utm_medium, p.occurred_at, p.event_id) AS utm_medium
FROM page_view AS p
INNER JOIN session_acts AS a ON a.event_id = p.event_id AND a.dt = p.dt AND a.event_type = 'page_view'
WHERE p.utm_campaign IS NOT NULL
GROUP BY a.session_key
