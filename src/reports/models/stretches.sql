-- One row per thing done without a session_id. A visitor's activity without a gap of 30 minutes is a session, cut after 24
-- hours; what goes on after the UTC day that follows its first belongs to none and is left out. start_dt is the day the
-- session began, mark its number among those of the visitor.
-- days: loose_acts -2..0
-- key: owner
WITH gaps AS (
  SELECT
    a.*,
    LAG(occurred_at) OVER (PARTITION BY visitor_id ORDER BY occurred_at, event_id) AS before
  FROM loose_acts AS a
),
numbered AS (
  SELECT
    g.*,
    SUM(CASE WHEN before IS NULL OR ms_between(before, occurred_at) >= 1800000 THEN 1 ELSE 0 END) OVER (
      PARTITION BY visitor_id ORDER BY occurred_at, event_id ROWS UNBOUNDED PRECEDING
    ) AS number
  FROM gaps AS g
),
begun AS (
  SELECT
    n.*,
    MIN(occurred_at) OVER (PARTITION BY visitor_id, number) AS begun_at,
    MIN(dt) OVER (PARTITION BY visitor_id, number) AS begun_dt
  FROM numbered AS n
),
cut AS (
  SELECT
    b.*,
    CASE WHEN ms_between(begun_at, occurred_at) >= 86400000 THEN 1 ELSE 0 END AS part
  FROM begun AS b
  WHERE dt <= add_days(begun_dt, 1)
)
SELECT
  event_type, event_id, occurred_at, local_date, local_hour, dt, session_id, customer_id, anonymous_id, visitor_id, channel,
  device, page_url, product_id, source,
  add_days(begun_dt, part) AS start_dt,
  ms_between(TIMESTAMP '1970-01-01 00:00:00', begun_at) * 2 + part AS mark
FROM cut
