-- title: Tracking coverage
-- question: How many of the real orders did the browser report too?
-- group: trust
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- column: day date | Day
-- column: server_orders count | Orders reported by server, webhook or import
-- column: matched_orders count | Of those, reported by a browser too
-- column: browser_only_orders count | Reported by a browser alone
-- column: tracking_coverage ratio | Tracking coverage | tracking_coverage
-- chart: line x=day y=tracking_coverage
-- metrics: tracking_coverage
-- models: order_created 0..0
WITH reported AS (
  SELECT
    order_id,
    MIN(local_date) AS local_date,
    BOOL_OR(source_kind = 'browser') AS by_browser,
    BOOL_OR(source_kind <> 'browser') AS by_server
  FROM order_created
  WHERE between_dates(local_date, dt)
  GROUP BY order_id
)
SELECT
  local_date AS day,
  COUNT(*) FILTER (WHERE by_server) AS server_orders,
  COUNT(*) FILTER (WHERE by_server AND by_browser) AS matched_orders,
  COUNT(*) FILTER (WHERE by_browser AND NOT by_server) AS browser_only_orders,
  ratio(
    COUNT(*) FILTER (WHERE by_server AND by_browser), COUNT(*) FILTER (WHERE by_server)
  ) AS tracking_coverage
FROM reported
GROUP BY local_date
ORDER BY local_date
