-- title: Review overview
-- question: What do customers think, in one line?
-- group: products
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- column: reviews count | Reviews | reviews
-- column: mean_rating number | Mean rating | mean_rating
-- column: low_rating_share ratio | Two stars or fewer | low_rating_share
-- column: products count | Products reviewed
-- chart: tiles y=reviews,mean_rating,low_rating_share,products
-- metrics: reviews, mean_rating, low_rating_share
-- rows: review_list
-- models: reviews 0..0
SELECT
  COUNT(*) AS reviews,
  mean(rating) AS mean_rating,
  ratio(COUNT(*) FILTER (WHERE rating <= 2), COUNT(*)) AS low_rating_share,
  COUNT(DISTINCT product_id) AS products
FROM reviews
WHERE between_dates(local_date)
