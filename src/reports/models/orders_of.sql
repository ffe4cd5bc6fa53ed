-- One row per order_id and part: what the order_created of that part say together, as day_orders says.
-- takes: told
WITH ranked AS (
  SELECT
    e.*,
    ROW_NUMBER() OVER (PARTITION BY e.order_id, e.part ORDER BY e.trust, e.occurred_at DESC, e.event_id DESC) AS place,
    ROW_NUMBER() OVER (PARTITION BY e.order_id, e.part ORDER BY e.trust, e.occurred_at, e.event_id) AS early_place
  FROM (
    SELECT
      c.order_id, c.part, c.event_id, c.occurred_at, c.local_date, c.local_hour, c.dt, c.customer_id, c.anonymous_id, c.session_id,
      c.coupon, c.payment_method, c.shipping_address, c.channel, c.device, c.page_url,
      CASE c.source_kind WHEN 'server' THEN 1 WHEN 'import' THEN 2 WHEN 'webhook' THEN 3 ELSE 4 END AS trust
    FROM told AS c
  ) AS e
),
merged AS (
  SELECT
    order_id,
    COUNT(*) AS reports,
    MAX(CASE WHEN place = 1 THEN event_id END) AS event_id,
    MAX(CASE WHEN place = 1 THEN dt END) AS event_dt,
    MAX(CASE WHEN early_place = 1 THEN occurred_at END) AS occurred_at,
    MAX(CASE WHEN early_place = 1 THEN local_date END) AS local_date,
    MAX(CASE WHEN early_place = 1 THEN local_hour END) AS local_hour,
    MAX(CASE WHEN early_place = 1 THEN dt END) AS dt,
    latest(customer_id, 0 - place) AS customer_id,
    latest(anonymous_id, 0 - place) AS anonymous_id,
    latest(session_id, 0 - place) AS session_id,
    latest(coupon, 0 - place) AS coupon,
    latest(payment_method, 0 - place) AS payment_method,
    latest(shipping_address, 0 - place) AS shipping_address,
    latest(channel, 0 - place) AS channel,
    latest(device, 0 - place) AS device,
    latest(page_url, 0 - place) AS page_url
  FROM ranked
  GROUP BY order_id, part
),
priced AS (
  SELECT
    m.order_id,
    r.event_id,
    m.occurred_at,
    m.local_date,
    m.local_hour,
    m.dt,
    m.customer_id,
    m.anonymous_id,
    m.session_id,
    r.source,
    r.source_kind,
    m.channel,
    m.device,
    m.page_url,
    r.currency,
    r.items,
    r.total_amount,
    r.discount_amount,
    r.shipping_amount,
    r.tax_amount,
    r.shop_value,
    r.amount_mismatch,
    m.coupon,
    m.payment_method,
    m.shipping_address,
    m.reports,
    CASE WHEN r.fx_rate IS NULL AND r.shop_value = r.total_amount THEN 1 ELSE r.fx_rate END AS shop_rate
  FROM merged AS m
  INNER JOIN order_created AS r
    ON r.event_id = m.event_id AND r.order_id = m.order_id AND r.dt = m.event_dt
)
SELECT
  p.*,
  CAST(sum_items(p.items, i, 1) AS BIGINT) AS line_count,
  CAST(sum_items(p.items, i, i.quantity) AS BIGINT) AS units,
  sum_items(p.items, i, in_shop_currency(CAST(CAST(i.price AS DECIMAL(38, 4)) * i.quantity AS DECIMAL(38, 4)), p.shop_rate))
    AS gross_sales,
  sum_items(p.items, i, in_shop_currency(COALESCE(i.discount, 0), p.shop_rate))
    + COALESCE(in_shop_currency(COALESCE(p.discount_amount, 0), p.shop_rate), 0) AS discounts,
  COALESCE(in_shop_currency(COALESCE(p.shipping_amount, 0), p.shop_rate), 0) AS shipping,
  COALESCE(in_shop_currency(COALESCE(p.tax_amount, 0), p.shop_rate), 0) AS taxes
FROM priced AS p
