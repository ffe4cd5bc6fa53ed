-- One row per thing a visitor did, orders included, with the session it belongs to. The session is session_id where the
-- event has one; else the visitor's activity without a gap of 30 minutes, cut after 24 hours. An order without
-- session_id joins the latest session of the same browser or customer that had begun within 24 hours before it. Bots are left out.
WITH acts AS (
  SELECT
    event_type, event_id, occurred_at, local_date, local_hour, dt, session_id, customer_id, anonymous_id,
    COALESCE(anonymous_id, customer_id, session_id) AS visitor_id, channel, device, page_url, product_id, source
  FROM events
  WHERE NOT bot
    AND event_type IN (
      'page_view', 'product_view', 'product_click', 'search', 'add_to_cart', 'remove_from_cart',
      'checkout_started', 'custom_event'
    )
    AND COALESCE(anonymous_id, customer_id, session_id) IS NOT NULL
),
gaps AS (
  SELECT
    a.*,
    LAG(occurred_at) OVER (PARTITION BY visitor_id ORDER BY occurred_at, event_id) AS before
  FROM acts AS a
  WHERE session_id IS NULL
),
numbered AS (
  SELECT
    g.*,
    SUM(CASE WHEN before IS NULL OR ms_between(before, occurred_at) >= 1800000 THEN 1 ELSE 0 END) OVER (
      PARTITION BY visitor_id ORDER BY occurred_at, event_id ROWS UNBOUNDED PRECEDING
    ) AS number
  FROM gaps AS g
),
cut AS (
  SELECT
    n.*,
    CAST(
      FLOOR(
        ratio(
          ms_between(MIN(occurred_at) OVER (PARTITION BY visitor_id, number), occurred_at), 86400000
        )
      ) AS BIGINT
    ) AS part
  FROM numbered AS n
),
keyed AS (
  SELECT
    event_type, event_id, occurred_at, local_date, local_hour, dt, session_id AS session_key, customer_id, anonymous_id,
    visitor_id, channel, device, page_url, product_id, source
  FROM acts
  WHERE session_id IS NOT NULL
  UNION ALL
  SELECT
    event_type, event_id, occurred_at, local_date, local_hour, dt,
    visitor_id || '~' || CAST(number AS VARCHAR) || '~' || CAST(part AS VARCHAR) AS session_key,
    customer_id, anonymous_id, visitor_id, channel, device, page_url, product_id, source
  FROM cut
),
placed AS (
  SELECT
    order_id, event_id, occurred_at, local_date, local_hour, dt, session_id, customer_id, anonymous_id, channel, device,
    page_url, source
  FROM order_created_once
),
starts AS (
  SELECT
    session_key,
    MIN(visitor_id) AS visitor_id,
    MIN(anonymous_id) AS anonymous_id,
    MIN(customer_id) AS customer_id,
    MIN(occurred_at) AS started_at
  FROM keyed
  GROUP BY session_key
),
candidates AS (
  SELECT p.event_id, s.session_key, s.visitor_id, s.started_at
  FROM placed AS p
  INNER JOIN starts AS s ON s.anonymous_id = p.anonymous_id
  WHERE p.session_id IS NULL
    AND s.started_at <= p.occurred_at
    AND ms_between(s.started_at, p.occurred_at) < 86400000
  UNION
  SELECT p.event_id, s.session_key, s.visitor_id, s.started_at
  FROM placed AS p
  INNER JOIN starts AS s ON s.customer_id = p.customer_id
  WHERE p.session_id IS NULL
    AND s.started_at <= p.occurred_at
    AND ms_between(s.started_at, p.occurred_at) < 86400000
  UNION
  SELECT p.event_id, s.session_key, s.visitor_id, s.started_at
  FROM placed AS p
  INNER JOIN customer_identified AS c ON c.customer_id = p.customer_id
  INNER JOIN starts AS s ON s.anonymous_id = c.anonymous_id
  WHERE p.session_id IS NULL
    AND s.started_at <= p.occurred_at
    AND ms_between(s.started_at, p.occurred_at) < 86400000
),
matched AS (
  SELECT
    event_id,
    session_key,
    visitor_id,
    ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY started_at DESC, session_key) AS place
  FROM candidates
)
SELECT
  event_type, event_id, occurred_at, local_date, local_hour, dt, session_key, customer_id, anonymous_id, visitor_id,
  channel, device, page_url, product_id, source, CAST(NULL AS VARCHAR) AS order_id
FROM keyed
UNION ALL
SELECT
  'order_created' AS event_type, p.event_id, p.occurred_at, p.local_date, p.local_hour, p.dt,
  COALESCE(p.session_id, m.session_key) AS session_key, p.customer_id, p.anonymous_id,
  COALESCE(m.visitor_id, p.anonymous_id, p.customer_id, p.session_id) AS visitor_id,
  p.channel, p.device, p.page_url, CAST(NULL AS VARCHAR) AS product_id, p.source, p.order_id
FROM placed AS p
LEFT JOIN matched AS m ON m.event_id = p.event_id AND m.place = 1
WHERE p.session_id IS NOT NULL OR m.session_key IS NOT NULL
