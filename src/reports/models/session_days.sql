-- One row per session_id and UTC day on which it went on from the day before: start_dt is the day its session began. A
-- session_id that was silent for a whole day begins another session; what it does after the day that follows its first
-- belongs to none (null).
-- days: visit_days -2..0
-- key: owner
WITH spread AS (
  SELECT session_id
  FROM visit_days
  GROUP BY session_id
  HAVING MIN(dt) <> MAX(dt)
),
placed AS (
  SELECT
    v.session_id,
    v.dt,
    LAG(v.dt, 1) OVER (PARTITION BY v.session_id ORDER BY v.dt) AS before,
    LAG(v.dt, 2) OVER (PARTITION BY v.session_id ORDER BY v.dt) AS long_before
  FROM visit_days AS v
  INNER JOIN spread AS s ON s.session_id = v.session_id
)
SELECT
  session_id,
  dt,
  CASE WHEN long_before IS NULL OR long_before < add_days(dt, -2) THEN before END AS start_dt
FROM placed
WHERE before = add_days(dt, -1)
