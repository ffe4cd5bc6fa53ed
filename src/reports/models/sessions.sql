-- One row per session in which a visitor did something: where it came from, how far it went, and whether it ordered.
-- channel is that of the first event that has one, else direct. funnel_step is how far it came in this order: 1 product
-- view, 2 add to cart, 3 checkout, 4 order. dt is the UTC day it began on.
-- days: visits 0..0, order_sessions -1..1
WITH bought AS (
  SELECT
    session_key,
    COUNT(DISTINCT order_id) AS orders,
    MAX(customer_id) AS customer_id,
    MAX(occurred_at) AS ordered_at,
    MAX(channel) AS channel,
    MAX(device) AS device
  FROM order_sessions
  GROUP BY session_key
),
joined AS (
  SELECT
    v.*,
    b.ordered_at,
    COALESCE(b.orders, 0) AS orders,
    COALESCE(v.customer_id, b.customer_id) AS buyer_id,
    CASE WHEN b.ordered_at > v.ended_at THEN b.ordered_at ELSE v.ended_at END AS last_at,
    COALESCE(v.channel, b.channel, 'direct') AS known_channel,
    COALESCE(v.device, b.device, 'unknown') AS known_device
  FROM visits AS v
  LEFT JOIN bought AS b ON b.session_key = v.session_key
)
SELECT
  session_key,
  session_id,
  visitor_id,
  buyer_id AS customer_id,
  started_at,
  last_at AS ended_at,
  local_date,
  dt,
  ms_between(started_at, last_at) AS duration_ms,
  known_channel AS channel,
  known_device AS device,
  landing_page,
  views,
  viewed_at IS NOT NULL AS saw_product,
  searched,
  filled_cart,
  reached_checkout,
  orders > 0 AS converted,
  orders,
  CASE
    WHEN viewed_at IS NULL THEN 0
    WHEN carted_at IS NULL THEN 1
    WHEN checkout_at IS NULL THEN 2
    WHEN ordered_at IS NULL OR ordered_at < checkout_at THEN 3
    ELSE 4
  END AS funnel_step,
  orders > 0 OR other_acts > 0 OR views >= 2 OR ms_between(started_at, last_at) >= 10000 AS engaged
FROM joined
