-- One order_created per order_id: the most trusted source wins (server, import, webhook, browser), then the latest
-- event, then the higher event_id. Bots are left out. shop_rate turns its amounts into the shop's currency.
SELECT *
FROM (
  SELECT
    e.*,
    CASE WHEN e.fx_rate IS NULL AND e.shop_value = e.total_amount THEN 1 ELSE e.fx_rate END AS shop_rate,
    ROW_NUMBER() OVER (
      PARTITION BY e.order_id
      ORDER BY
        CASE e.source_kind
          WHEN 'server' THEN 1 WHEN 'import' THEN 2 WHEN 'webhook' THEN 3 ELSE 4
        END,
        e.occurred_at DESC,
        e.event_id DESC
    ) AS place
  FROM order_created AS e
  WHERE NOT e.bot
) AS ranked
WHERE place = 1
