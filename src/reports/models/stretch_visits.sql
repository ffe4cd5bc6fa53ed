-- One row per session of acts without a session_id: see visits.
-- days: stretches 0..1
-- key: owner
WITH facts AS (
  SELECT
    visitor_id,
    mark,
    MIN(start_dt) AS dt,
    MIN(anonymous_id) AS anonymous_id,
    MAX(customer_id) AS customer_id,
    MIN(occurred_at) AS started_at,
    MAX(occurred_at) AS ended_at,
    MIN(local_date) AS local_date,
    earliest(channel, occurred_at, event_id) AS channel,
    MIN(device) AS device,
    earliest(page_url, occurred_at, event_id) AS landing_page,
    COUNT(*) FILTER (WHERE event_type IN ('page_view', 'product_view')) AS views,
    COUNT(*) FILTER (WHERE event_type NOT IN ('page_view', 'product_view')) AS other_acts,
    BOOL_OR(event_type = 'search') AS searched,
    BOOL_OR(event_type = 'add_to_cart') AS filled_cart,
    MIN(CASE WHEN event_type = 'checkout_started' THEN occurred_at END) AS first_checkout_at,
    MIN(CASE WHEN event_type = 'product_view' THEN occurred_at END) AS viewed_at
  FROM stretches
  GROUP BY visitor_id, mark
),
carted AS (
  SELECT a.visitor_id, a.mark, MIN(a.occurred_at) AS carted_at
  FROM stretches AS a
  INNER JOIN facts AS f ON f.visitor_id = a.visitor_id AND f.mark = a.mark
  WHERE a.event_type = 'add_to_cart' AND f.filled_cart AND a.occurred_at >= f.viewed_at
  GROUP BY a.visitor_id, a.mark
),
checked AS (
  SELECT a.visitor_id, a.mark, MIN(a.occurred_at) AS checkout_at
  FROM stretches AS a
  INNER JOIN carted AS c ON c.visitor_id = a.visitor_id AND c.mark = a.mark
  WHERE a.event_type = 'checkout_started' AND a.occurred_at >= c.carted_at
  GROUP BY a.visitor_id, a.mark
)
SELECT
  f.visitor_id || '~' || CAST(f.mark AS VARCHAR) AS session_key,
  f.*,
  c.carted_at,
  k.checkout_at
FROM facts AS f
LEFT JOIN carted AS c ON c.visitor_id = f.visitor_id AND c.mark = f.mark
LEFT JOIN checked AS k ON k.visitor_id = f.visitor_id AND k.mark = f.mark
