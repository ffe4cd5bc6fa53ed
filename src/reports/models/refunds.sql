-- One row per refund: order_id and refund_id name it; where several sources report it the most trusted wins, and one without
-- a number counts only where no better source reports any. A browser cannot refund. amount is in the shop's currency,
-- order_amount as it was sent.
-- days: order_refunded 0..0
-- key: order_id
SELECT
  order_id,
  refund_id,
  event_id,
  occurred_at,
  local_date,
  dt,
  reason,
  source,
  customer_id,
  CAST(shop_value AS DECIMAL(38, 4)) AS amount,
  CAST(amount AS DECIMAL(38, 4)) AS order_amount
FROM (
  SELECT
    e.*,
    ROW_NUMBER() OVER (
      PARTITION BY e.order_id, COALESCE(e.refund_id, e.event_id)
      ORDER BY e.trust, e.occurred_at DESC, e.event_id DESC
    ) AS place,
    MIN(e.trust) OVER (PARTITION BY e.order_id) AS best_trust
  FROM (
    SELECT
      f.*,
      CASE f.source_kind WHEN 'server' THEN 1 WHEN 'import' THEN 2 ELSE 3 END AS trust
    FROM order_refunded AS f
    WHERE f.source_kind <> 'browser'
  ) AS e
) AS ranked
WHERE place = 1 AND (refund_id IS NOT NULL OR trust = best_trust)
