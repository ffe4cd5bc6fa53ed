-- One row per thing a visitor did, with its session, which owner and mark name: the session_id and the number of its first day,
-- else the visitor and the number of the stretch. session_key is both in one text. A session ends with the UTC day after the
-- one it began on (start_dt).
-- days: acts 0..0, session_days 0..0, stretches 0..0
-- key: owner
-- use: in place
WITH dated AS (
  SELECT
    a.*,
    CASE WHEN s.session_id IS NULL THEN a.dt ELSE s.start_dt END AS start_dt
  FROM acts AS a
  LEFT JOIN session_days AS s ON s.session_id = a.session_id AND s.dt = a.dt
  WHERE a.session_id IS NOT NULL
),
owned AS (
  SELECT
    event_type, event_id, occurred_at, local_date, local_hour, dt, session_id, customer_id, anonymous_id, visitor_id,
    channel, device, page_url, product_id, source, start_dt, session_id AS owner,
    CAST(days_between(DATE '1970-01-01', start_dt) AS BIGINT) AS mark
  FROM dated
  WHERE start_dt IS NOT NULL
  UNION ALL
  SELECT
    event_type, event_id, occurred_at, local_date, local_hour, dt, session_id, customer_id, anonymous_id, visitor_id,
    channel, device, page_url, product_id, source, start_dt, visitor_id AS owner, CAST(mark AS BIGINT) AS mark
  FROM stretches
)
SELECT o.*, o.owner || '~' || CAST(o.mark AS VARCHAR) AS session_key
FROM owned AS o
