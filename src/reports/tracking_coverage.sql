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
),
counted AS (
  SELECT
    local_date,
    COUNT(*) FILTER (WHERE by_server) AS server_orders,
    COUNT(*) FILTER (WHERE by_server AND by_browser) AS matched_orders,
    COUNT(*) FILTER (WHERE by_browser AND NOT by_server) AS browser_only_orders
  FROM reported
  GROUP BY local_date
)
SELECT
  d.day,
  COALESCE(c.server_orders, 0) AS server_orders,
  COALESCE(c.matched_orders, 0) AS matched_orders,
  COALESCE(c.browser_only_orders, 0) AS browser_only_orders,
  ratio(c.matched_orders, c.server_orders) AS tracking_coverage
FROM each_day(:from, :to, d)
LEFT JOIN counted AS c ON c.local_date = d.day
ORDER BY d.day
