-- One row per day of the shop's clock on which sessions began: how many visitors had one. dt is that day, not a day in UTC.
-- days: visits -1..1
-- keep: days
SELECT local_date AS dt, local_date, COUNT(DISTINCT visitor_id) AS visitors
FROM visits
GROUP BY local_date
