-- One row per session, by what was done on the website: see sessions, which add its orders. dt is the UTC day it began on.
-- viewed_at, carted_at and checkout_at are the first product view, the first add to cart after it, and the first checkout
-- after that.
-- days: session_acts 0..1
-- keep: days
WITH facts AS (
  SELECT
    owner,
    mark,
    MIN(start_dt) AS dt,
    MIN(session_id) AS session_id,
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
    BOOL_OR(event_type = 'add_to_cart') AS filled_cart,
    BOOL_OR(event_type = 'checkout_started') AS reached_checkout,
    MIN(CASE WHEN event_type = 'product_view' THEN occurred_at END) AS viewed_at
  FROM session_acts
  GROUP BY owner, mark
),
carted AS (
  SELECT a.owner, a.mark, MIN(a.occurred_at) AS carted_at
  FROM session_acts AS a
  INNER JOIN facts AS f ON f.owner = a.owner AND f.mark = a.mark
  WHERE a.event_type = 'add_to_cart' AND f.filled_cart AND a.occurred_at >= f.viewed_at
  GROUP BY a.owner, a.mark
),
checked AS (
  SELECT a.owner, a.mark, MIN(a.occurred_at) AS checkout_at
  FROM session_acts AS a
  INNER JOIN carted AS c ON c.owner = a.owner AND c.mark = a.mark
  WHERE a.event_type = 'checkout_started' AND a.occurred_at >= c.carted_at
  GROUP BY a.owner, a.mark
)
SELECT
  f.owner || '~' || CAST(f.mark AS VARCHAR) AS session_key,
  f.dt,
  f.session_id,
  f.visitor_id,
  f.anonymous_id,
  f.customer_id,
  f.started_at,
  f.ended_at,
  f.local_date,
  f.channel,
  f.device,
  f.landing_page,
  f.views,
  f.other_acts,
  f.searched,
  f.filled_cart,
  f.reached_checkout,
  f.viewed_at,
  c.carted_at,
  k.checkout_at
FROM facts AS f
LEFT JOIN carted AS c ON c.owner = f.owner AND c.mark = f.mark
LEFT JOIN checked AS k ON k.owner = f.owner AND k.mark = f.mark
