-- One row per order and UTC day that tells of it (day_orders), where it belongs to a session: that of its session_id, begun no more
-- than a UTC day away; without one, the latest session of the same browser or customer that had begun within 24 hours before
-- it. Whose browser it is, is taken from customer_identified, from 30 days before the order to a day after it.
-- days: day_orders 0..0, visits -1..1, customer_identified -30..1
-- keep: days
WITH candidates AS (
  SELECT o.order_id, o.dt, v.session_key, v.visitor_id, v.started_at
  FROM day_orders AS o
  INNER JOIN visits AS v ON v.session_id = o.session_id
  WHERE v.dt BETWEEN add_days(o.dt, -1) AND add_days(o.dt, 1)
  UNION
  SELECT o.order_id, o.dt, v.session_key, v.visitor_id, v.started_at
  FROM day_orders AS o
  INNER JOIN visits AS v ON v.anonymous_id = o.anonymous_id
  WHERE o.session_id IS NULL AND v.started_at <= o.occurred_at AND ms_between(v.started_at, o.occurred_at) < 86400000
  UNION
  SELECT o.order_id, o.dt, v.session_key, v.visitor_id, v.started_at
  FROM day_orders AS o
  INNER JOIN visits AS v ON v.customer_id = o.customer_id
  WHERE o.session_id IS NULL AND v.started_at <= o.occurred_at AND ms_between(v.started_at, o.occurred_at) < 86400000
  UNION
  SELECT o.order_id, o.dt, v.session_key, v.visitor_id, v.started_at
  FROM day_orders AS o
  INNER JOIN customer_identified AS c ON c.customer_id = o.customer_id
  INNER JOIN visits AS v ON v.anonymous_id = c.anonymous_id
  WHERE o.session_id IS NULL AND v.started_at <= o.occurred_at AND ms_between(v.started_at, o.occurred_at) < 86400000
    AND c.dt BETWEEN add_days(o.dt, -30) AND add_days(o.dt, 1)
),
matched AS (
  SELECT
    o.order_id, o.event_id, o.occurred_at, o.local_date, o.local_hour, o.dt, o.customer_id, o.anonymous_id, o.channel,
    o.device, o.page_url, o.source, c.session_key, c.visitor_id,
    ROW_NUMBER() OVER (
      PARTITION BY o.order_id, o.dt
      ORDER BY CASE WHEN c.started_at <= o.occurred_at THEN 0 ELSE 1 END, c.started_at DESC, c.session_key
    ) AS place
  FROM day_orders AS o
  INNER JOIN candidates AS c ON c.order_id = o.order_id AND c.dt = o.dt
)
SELECT
  order_id, event_id, occurred_at, local_date, local_hour, dt, customer_id, anonymous_id, channel, device, page_url, source,
  session_key, visitor_id
FROM matched
WHERE place = 1
