-- Sessions added up by where they began: one row per UTC day (dt) and day of the shop's clock on which they began, landing page,
-- channel and device.
-- days: landings 0..0
-- keep: days
SELECT
  dt,
  local_date,
  landing_page,
  channel,
  device,
  COUNT(*) AS sessions,
  COUNT(*) FILTER (WHERE NOT engaged) AS bounced,
  COUNT(*) FILTER (WHERE filled_cart) AS filled_cart,
  COUNT(*) FILTER (WHERE converted) AS converted
FROM landings
GROUP BY dt, local_date, landing_page, channel, device
