-- One row per thing a visitor did on the website. Bots are left out, and what nobody can be named for: visitor_id is the
-- browser, else the customer, else the session.
-- days: page_view 0..0, product_view 0..0, product_click 0..0, search 0..0, add_to_cart 0..0, remove_from_cart 0..0, checkout_started 0..0, custom_event 0..0
-- key: owner
-- use: in place
SELECT
  'page_view' AS event_type, event_id, occurred_at, local_date, local_hour, dt, session_id, customer_id, anonymous_id,
  COALESCE(anonymous_id, customer_id, session_id) AS visitor_id, channel, device, page_url,
  CAST(NULL AS VARCHAR) AS product_id, source
FROM page_view
WHERE NOT bot AND COALESCE(anonymous_id, customer_id, session_id) IS NOT NULL
UNION ALL
SELECT
  'product_view' AS event_type, event_id, occurred_at, local_date, local_hour, dt, session_id, customer_id, anonymous_id,
  COALESCE(anonymous_id, customer_id, session_id) AS visitor_id, channel, device, page_url,
  product_id, source
FROM product_view
WHERE NOT bot AND COALESCE(anonymous_id, customer_id, session_id) IS NOT NULL
UNION ALL
SELECT
  'product_click' AS event_type, event_id, occurred_at, local_date, local_hour, dt, session_id, customer_id, anonymous_id,
  COALESCE(anonymous_id, customer_id, session_id) AS visitor_id, channel, device, page_url,
  product_id, source
FROM product_click
WHERE NOT bot AND COALESCE(anonymous_id, customer_id, session_id) IS NOT NULL
UNION ALL
SELECT
  'search' AS event_type, event_id, occurred_at, local_date, local_hour, dt, session_id, customer_id, anonymous_id,
  COALESCE(anonymous_id, customer_id, session_id) AS visitor_id, channel, device, page_url,
  CAST(NULL AS VARCHAR) AS product_id, source
FROM search
WHERE NOT bot AND COALESCE(anonymous_id, customer_id, session_id) IS NOT NULL
UNION ALL
SELECT
  'add_to_cart' AS event_type, event_id, occurred_at, local_date, local_hour, dt, session_id, customer_id, anonymous_id,
  COALESCE(anonymous_id, customer_id, session_id) AS visitor_id, channel, device, page_url,
  product_id, source
FROM add_to_cart
WHERE NOT bot AND COALESCE(anonymous_id, customer_id, session_id) IS NOT NULL
UNION ALL
SELECT
  'remove_from_cart' AS event_type, event_id, occurred_at, local_date, local_hour, dt, session_id, customer_id, anonymous_id,
  COALESCE(anonymous_id, customer_id, session_id) AS visitor_id, channel, device, page_url,
  product_id, source
FROM remove_from_cart
WHERE NOT bot AND COALESCE(anonymous_id, customer_id, session_id) IS NOT NULL
UNION ALL
SELECT
  'checkout_started' AS event_type, event_id, occurred_at, local_date, local_hour, dt, session_id, customer_id, anonymous_id,
  COALESCE(anonymous_id, customer_id, session_id) AS visitor_id, channel, device, page_url,
  CAST(NULL AS VARCHAR) AS product_id, source
FROM checkout_started
WHERE NOT bot AND COALESCE(anonymous_id, customer_id, session_id) IS NOT NULL
UNION ALL
SELECT
  'custom_event' AS event_type, event_id, occurred_at, local_date, local_hour, dt, session_id, customer_id, anonymous_id,
  COALESCE(anonymous_id, customer_id, session_id) AS visitor_id, channel, device, page_url,
  CAST(NULL AS VARCHAR) AS product_id, source
FROM custom_event
WHERE NOT bot AND COALESCE(anonymous_id, customer_id, session_id) IS NOT NULL
