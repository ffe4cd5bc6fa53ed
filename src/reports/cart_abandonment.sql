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
)
SELECT
  local_date AS day,
  COUNT(*) AS carts,
  COUNT(*) FILTER (WHERE bought) AS bought,
  COUNT(*) FILTER (WHERE NOT bought) AS abandoned,
  ratio(COUNT(*) FILTER (WHERE NOT bought), COUNT(*)) AS cart_abandonment_rate,
  COUNT(*) FILTER (WHERE reached_checkout) AS checkouts,
  ratio(
    COUNT(*) FILTER (WHERE reached_checkout AND NOT bought), COUNT(*) FILTER (WHERE reached_checkout)
  ) AS checkout_abandonment_rate,
  COALESCE(SUM(CASE WHEN NOT bought AND value > 0 THEN value END), 0) AS abandoned_value
FROM mature
GROUP BY local_date
ORDER BY local_date
