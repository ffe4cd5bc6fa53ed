-- One row per session in which a visitor did something: where it came from, how far it went, and whether it ordered.
-- channel is that of the first event that has one, else direct.
WITH ranked AS (
  SELECT
    e.*,
    ROW_NUMBER() OVER (
      PARTITION BY session_key
      ORDER BY CASE WHEN channel IS NULL THEN 1 ELSE 0 END, occurred_at, event_id
    ) AS channel_place,
    ROW_NUMBER() OVER (
      PARTITION BY session_key
      ORDER BY CASE WHEN page_url IS NULL THEN 1 ELSE 0 END, occurred_at, event_id
    ) AS page_place
  FROM session_events AS e
)
SELECT
  session_key,
  MIN(visitor_id) AS visitor_id,
  MAX(customer_id) AS customer_id,
  MIN(occurred_at) AS started_at,
  MAX(occurred_at) AS ended_at,
  MIN(local_date) AS local_date,
  ms_between(MIN(occurred_at), MAX(occurred_at)) AS duration_ms,
  COALESCE(MAX(CASE WHEN channel_place = 1 THEN channel END), 'direct') AS channel,
  COALESCE(MIN(device), 'unknown') AS device,
  MAX(CASE WHEN page_place = 1 THEN page_url END) AS landing_page,
  COUNT(*) FILTER (WHERE event_type IN ('page_view', 'product_view')) AS views,
  BOOL_OR(event_type = 'product_view') AS saw_product,
  BOOL_OR(event_type = 'search') AS searched,
  BOOL_OR(event_type = 'add_to_cart') AS filled_cart,
  BOOL_OR(event_type = 'checkout_started') AS reached_checkout,
  BOOL_OR(event_type = 'order_created') AS converted,
  COUNT(*) FILTER (WHERE event_type = 'order_created') AS orders,
  ms_between(MIN(occurred_at), MAX(occurred_at)) >= 10000
    OR COUNT(*) FILTER (WHERE event_type IN ('page_view', 'product_view')) >= 2
    OR BOOL_OR(event_type NOT IN ('page_view', 'product_view')) AS engaged
FROM ranked
GROUP BY session_key
HAVING BOOL_OR(event_type <> 'order_created')
