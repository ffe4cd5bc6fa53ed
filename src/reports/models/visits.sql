-- One row per session, by what was done on the website: see sessions, which add its orders. dt is the UTC day it began on.
-- viewed_at, carted_at and checkout_at are the first product view, the first add to cart after it, and the first checkout
-- after that; first_checkout_at is the first of all. A session of two days has the ids and the device of its first, where that
-- has any.
-- days: visit_days 0..1, session_days 0..1, stretch_visits 0..0
-- key: owner
-- keep: days
WITH joined AS (
  SELECT
    a.*,
    b.anonymous_id AS next_anonymous_id,
    b.customer_id AS next_customer_id,
    b.ended_at AS next_ended_at,
    b.channel AS next_channel,
    b.device AS next_device,
    b.landing_page AS next_landing_page,
    COALESCE(b.views, 0) AS next_views,
    COALESCE(b.other_acts, 0) AS next_other_acts,
    COALESCE(b.searched, FALSE) AS next_searched,
    b.viewed_at AS next_viewed_at,
    COALESCE(a.first_carted_at, b.first_carted_at) IS NOT NULL AS filled_cart,
    COALESCE(a.first_checkout_at, b.first_checkout_at) AS any_checkout_at,
    CASE WHEN a.viewed_at IS NULL THEN b.carted_at ELSE COALESCE(a.carted_at, b.first_carted_at) END AS any_carted_at,
    CASE
      WHEN a.carted_at IS NOT NULL THEN COALESCE(a.checkout_at, b.first_checkout_at)
      WHEN a.viewed_at IS NOT NULL THEN b.first_carted_checkout_at
      ELSE b.checkout_at
    END AS closing_checkout_at
  FROM visit_days AS a
  LEFT JOIN session_days AS s ON s.session_id = a.session_id AND s.dt = a.dt
  LEFT JOIN session_days AS n ON n.session_id = a.session_id AND n.start_dt = a.dt
  LEFT JOIN visit_days AS b ON b.session_id = n.session_id AND b.dt = n.dt
  WHERE s.session_id IS NULL
)
SELECT
  session_id || '~' || CAST(days_between(DATE '1970-01-01', dt) AS VARCHAR) AS session_key,
  dt,
  owner,
  session_id,
  visitor_id,
  COALESCE(anonymous_id, next_anonymous_id) AS anonymous_id,
  COALESCE(customer_id, next_customer_id) AS customer_id,
  started_at,
  COALESCE(next_ended_at, ended_at) AS ended_at,
  local_date,
  COALESCE(channel, next_channel) AS channel,
  COALESCE(device, next_device) AS device,
  COALESCE(landing_page, next_landing_page) AS landing_page,
  views + next_views AS views,
  other_acts + next_other_acts AS other_acts,
  searched OR next_searched AS searched,
  filled_cart,
  any_checkout_at IS NOT NULL AS reached_checkout,
  any_checkout_at AS first_checkout_at,
  COALESCE(viewed_at, next_viewed_at) AS viewed_at,
  any_carted_at AS carted_at,
  closing_checkout_at AS checkout_at
FROM joined
UNION ALL
SELECT
  session_key,
  dt,
  visitor_id AS owner,
  CAST(NULL AS VARCHAR) AS session_id,
  visitor_id,
  anonymous_id,
  customer_id,
  started_at,
  ended_at,
  local_date,
  channel,
  device,
  landing_page,
  views,
  other_acts,
  searched,
  filled_cart,
  first_checkout_at IS NOT NULL AS reached_checkout,
  first_checkout_at,
  viewed_at,
  carted_at,
  checkout_at
FROM stretch_visits
