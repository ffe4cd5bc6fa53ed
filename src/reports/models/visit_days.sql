-- One row per session_id and UTC day: what was done in it on that day. viewed_at, carted_at and checkout_at are the first product
-- view, the first add to cart after it, and the first checkout after that; first_carted_at, first_carted_checkout_at and
-- first_checkout_at are the same for a visitor who came with a product seen, or with a full cart.
-- days: acts 0..0
-- key: owner
-- keep: days
WITH facts AS (
  SELECT
    session_id,
    dt,
    MIN(visitor_id) AS visitor_id,
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
    MIN(CASE WHEN event_type = 'product_view' THEN occurred_at END) AS viewed_at
  FROM acts
  WHERE session_id IS NOT NULL
  GROUP BY session_id, dt
),
carted AS (
  SELECT
    a.session_id,
    a.dt,
    MIN(a.occurred_at) AS first_carted_at,
    MIN(CASE WHEN a.occurred_at >= f.viewed_at THEN a.occurred_at END) AS carted_at
  FROM acts AS a
  INNER JOIN facts AS f ON f.session_id = a.session_id AND f.dt = a.dt
  WHERE a.event_type = 'add_to_cart'
  GROUP BY a.session_id, a.dt
),
checked AS (
  SELECT
    a.session_id,
    a.dt,
    MIN(a.occurred_at) AS first_checkout_at,
    MIN(CASE WHEN a.occurred_at >= c.first_carted_at THEN a.occurred_at END) AS first_carted_checkout_at,
    MIN(CASE WHEN a.occurred_at >= c.carted_at THEN a.occurred_at END) AS checkout_at
  FROM acts AS a
  LEFT JOIN carted AS c ON c.session_id = a.session_id AND c.dt = a.dt
  WHERE a.event_type = 'checkout_started' AND a.session_id IS NOT NULL
  GROUP BY a.session_id, a.dt
)
SELECT
  f.*,
  f.session_id AS owner,
  c.first_carted_at,
  c.carted_at,
  k.first_checkout_at,
  k.first_carted_checkout_at,
  k.checkout_at
FROM facts AS f
LEFT JOIN carted AS c ON c.session_id = f.session_id AND c.dt = f.dt
LEFT JOIN checked AS k ON k.session_id = f.session_id AND k.dt = f.dt
