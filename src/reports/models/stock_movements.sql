-- One row per stock event: what it changed and the level after it, per product and location. A level sets, a delta adds.
-- A browser cannot move stock.
WITH numbered AS (
  SELECT
    e.*,
    COALESCE(e.location, 'default') AS place_name,
    ROW_NUMBER() OVER (
      PARTITION BY e.product_id, COALESCE(e.location, 'default')
      ORDER BY e.occurred_at, e.event_id
    ) AS place
  FROM inventory_updated AS e
  WHERE e.source_kind <> 'browser'
),
counted AS (
  SELECT
    n.*,
    COUNT(level) OVER (PARTITION BY product_id, place_name ORDER BY place) AS counting
  FROM numbered AS n
),
levelled AS (
  SELECT
    c.*,
    CAST(
      SUM(COALESCE(level, delta, 0)) OVER (
        PARTITION BY product_id, place_name, counting ORDER BY place
      ) AS BIGINT
    ) AS level_after
  FROM counted AS c
)
SELECT
  product_id,
  place_name AS location,
  occurred_at,
  local_date,
  event_id,
  place,
  reason,
  order_id,
  low_stock_at,
  level,
  delta,
  level_after - COALESCE(
    LAG(level_after) OVER (PARTITION BY product_id, place_name ORDER BY place), 0
  ) AS change,
  level_after,
  LEAD(local_date) OVER (PARTITION BY product_id, place_name ORDER BY place) AS next_date
FROM levelled
