-- title: Ratings
-- question: What do customers think of the products?
-- group: products
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: min_reviews count 1..100000 = 1 | Fewest reviews of a product.
-- parameter: limit count 1..5000 = 100 | How many products.
-- column: product_id text | Product
-- column: name text | Name
-- column: reviews count | Reviews | reviews
-- column: mean_rating number | Mean rating | mean_rating
-- column: low_rating_share ratio | Two stars or fewer | low_rating_share
-- column: verified_reviews count | By known buyers
-- column: last_review_date date | Last review
-- chart: bar x=product_id y=mean_rating
-- metrics: reviews, mean_rating, low_rating_share
-- models: reviews 0..0, products ..
WITH rated AS (
  SELECT
    product_id,
    COUNT(*) AS reviews,
    mean(rating) AS mean_rating,
    ratio(COUNT(*) FILTER (WHERE rating <= 2), COUNT(*)) AS low_rating_share,
    COUNT(*) FILTER (WHERE verified_purchase) AS verified_reviews,
    MAX(local_date) AS last_review_date
  FROM reviews
  WHERE between_dates(local_date)
  GROUP BY product_id
  HAVING COUNT(*) >= :min_reviews
)
SELECT
  r.product_id,
  p.name,
  r.reviews,
  r.mean_rating,
  r.low_rating_share,
  r.verified_reviews,
  r.last_review_date
FROM rated AS r
LEFT JOIN products AS p ON p.product_id = r.product_id
ORDER BY r.reviews DESC, r.product_id
LIMIT :limit
