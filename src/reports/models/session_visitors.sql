-- One row per UTC day (dt) and day of the shop's clock on which sessions began, channel, device and visitor who had one.
-- days: sessions 0..0
-- keep: days
SELECT DISTINCT dt, local_date, channel, device, visitor_id
FROM sessions
