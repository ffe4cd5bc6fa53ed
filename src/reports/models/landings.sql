-- One row per session: where it began, without what stands behind "?" or "#" of the address, and what came of it.
-- days: sessions 0..0
-- use: in place
WITH queried AS (
  SELECT
    s.*,
    CASE WHEN strpos(landing_page, '?') > 0 THEN substr(landing_page, 1, strpos(landing_page, '?') - 1) ELSE landing_page END AS page
  FROM sessions AS s
)
SELECT
  dt,
  local_date,
  channel,
  device,
  visitor_id,
  COALESCE(CASE WHEN strpos(page, '#') > 0 THEN substr(page, 1, strpos(page, '#') - 1) ELSE page END, '(none)') AS landing_page,
  engaged,
  filled_cart,
  converted
FROM queried
