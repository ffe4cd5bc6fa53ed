-- title: Cart abandonment
-- question: How many carts are left behind, and what were they worth?
-- group: funnel
-- note: A cart counts once it is older than the maturity window. Values are in the currency of the cart's events.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: maturity_hours count 1..720 = 24 | Hours a cart has to be bought.
-- column: day date | Day the cart was begun
-- column: carts count | Carts
-- column: bought count | Bought
-- column: abandoned count | Abandoned
-- column: cart_abandonment_rate ratio | Cart abandonment rate | cart_abandonment_rate
-- column: checkouts count | Reached checkout
-- column: checkout_abandonment_rate ratio | Checkout abandonment rate | checkout_abandonment_rate
-- column: abandoned_value money | Value left behind
-- chart: line x=day y=cart_abandonment_rate,checkout_abandonment_rate
-- metrics: cart_abandonment_rate, checkout_abandonment_rate
-- models: carts -1..1
WITH mature AS (
  SELECT
    local_date,
    value,
    checkout_at IS NOT NULL AS reached_checkout,
    ordered_at IS NOT NULL AND ms_between(created_at, ordered_at) <= CAST(:maturity_hours AS BIGINT) * 3600000 AS bought
  FROM carts
  WHERE between_dates(local_date) AND ms_between(created_at, :now) > CAST(:maturity_hours AS BIGINT) * 3600000
),
counted AS (
  SELECT
    local_date,
    COUNT(*) AS carts,
    COUNT(*) FILTER (WHERE bought) AS bought,
    COUNT(*) FILTER (WHERE NOT bought) AS abandoned,
    COUNT(*) FILTER (WHERE reached_checkout) AS checkouts,
    COUNT(*) FILTER (WHERE reached_checkout AND NOT bought) AS abandoned_checkouts,
    SUM(CASE WHEN NOT bought AND value > 0 THEN value END) AS abandoned_value
  FROM mature
  GROUP BY local_date
)
SELECT
  d.day,
  COALESCE(c.carts, 0) AS carts,
  COALESCE(c.bought, 0) AS bought,
  COALESCE(c.abandoned, 0) AS abandoned,
  ratio(c.abandoned, c.carts) AS cart_abandonment_rate,
  COALESCE(c.checkouts, 0) AS checkouts,
  ratio(c.abandoned_checkouts, c.checkouts) AS checkout_abandonment_rate,
  COALESCE(c.abandoned_value, 0) AS abandoned_value
FROM each_day(:from, :to, d)
LEFT JOIN counted AS c ON c.local_date = d.day
ORDER BY d.day
