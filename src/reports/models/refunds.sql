-- One row per refund: order_id and refund_id name it, where several sources report it the most trusted wins. A browser
-- cannot refund. amount is in the shop's currency.
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
  CAST(shop_value AS DECIMAL(38, 4)) AS amount
FROM (
  SELECT
    e.*,
    ROW_NUMBER() OVER (
      PARTITION BY e.order_id, COALESCE(e.refund_id, e.event_id)
      ORDER BY
        CASE e.source_kind WHEN 'server' THEN 1 WHEN 'import' THEN 2 ELSE 3 END,
        e.occurred_at DESC,
        e.event_id DESC
    ) AS place
  FROM order_refunded AS e
  WHERE e.source_kind <> 'browser'
) AS ranked
WHERE place = 1
