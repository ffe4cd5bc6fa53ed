-- title: Visits one by one
-- question: Which visits are in it?
-- group: acquisition
-- note: The latest first. Bots are left out.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: channel text = "" | Only this channel; empty for all.
-- parameter: device text = "" | Only this device; empty for all.
-- parameter: limit count 1..50000 = 1000 | How many visits.
-- column: started_at timestamp | Began
-- column: channel text | Channel
-- column: device text | Device
-- column: views count | Views
-- column: orders count | Orders
-- column: landing_page text | Landing page
-- column: minutes number | Minutes
-- column: reached_checkout flag | Reached checkout
-- column: customer_id text | Customer
-- chart: table
-- models: sessions 0..0
SELECT
  started_at,
  channel,
  device,
  views,
  orders,
  landing_page,
  ratio(duration_ms, 60000) AS minutes,
  reached_checkout,
  customer_id
FROM sessions
WHERE between_dates(local_date)
  AND (:channel = '' OR channel = :channel)
  AND (:device = '' OR device = :device)
ORDER BY started_at DESC, session_key
LIMIT :limit
