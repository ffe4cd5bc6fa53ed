-- One row per session_id and UTC day on which it went on from the day before: start_dt is the day its session began. A
-- session_id that was silent for a whole day begins another session; what it does after the day that follows its first
-- belongs to none (null).
-- days: acts -2..0
WITH spread AS (
  SELECT session_id
  FROM acts
  WHERE session_id IS NOT NULL
  GROUP BY session_id
  HAVING MIN(dt) <> MAX(dt)
),
active AS (
  SELECT DISTINCT a.session_id, a.dt
  FROM acts AS a
  INNER JOIN spread AS s ON s.session_id = a.session_id
),
placed AS (
  SELECT
    session_id,
    dt,
    LAG(dt, 1) OVER (PARTITION BY session_id ORDER BY dt) AS before,
    LAG(dt, 2) OVER (PARTITION BY session_id ORDER BY dt) AS long_before
  FROM active
)
SELECT
  session_id,
  dt,
  CASE WHEN long_before IS NULL OR long_before < add_days(dt, -2) THEN before END AS start_dt
FROM placed
WHERE before = add_days(dt, -1)
