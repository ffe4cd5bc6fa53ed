-- One row per UTC day (dt) and day of the shop's clock on which sessions began, landing page, channel, device and visitor who
-- had one.
-- days: landings 0..0
-- keep: days
SELECT DISTINCT dt, local_date, landing_page, channel, device, visitor_id
FROM landings
