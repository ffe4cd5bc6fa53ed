-- title: Ratings by day
-- question: Are ratings rising or falling?
-- group: products
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- column: day date | Day
-- column: reviews count | Reviews | reviews
-- column: mean_rating number | Mean rating | mean_rating
-- column: low_rating_share ratio | Two stars or fewer | low_rating_share
-- chart: line x=day y=mean_rating
-- metrics: reviews, mean_rating, low_rating_share
-- models: reviews 0..0
SELECT
  d.day,
  COUNT(r.review_id) AS reviews,
  mean(r.rating) AS mean_rating,
  ratio(COUNT(r.review_id) FILTER (WHERE r.rating <= 2), COUNT(r.review_id)) AS low_rating_share
FROM each_day(:from, :to, d)
LEFT JOIN reviews AS r ON r.local_date = d.day
GROUP BY d.day
ORDER BY d.day
