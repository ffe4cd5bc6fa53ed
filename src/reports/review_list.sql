-- title: Reviews
-- question: What do customers write?
-- group: products
-- note: The latest first; where a review was sent again, its latest words.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: product_id text = "" | Only of this product; empty for all.
-- parameter: stars count 0..5 = 0 | Only with this many stars; 0 for all.
-- parameter: limit count 1..5000 = 100 | How many reviews.
-- column: occurred_at timestamp | Written
-- column: rating count | Stars
-- column: product_id text | Product
-- column: name text | Name
-- column: title text | Title
-- column: review_text text | Text
-- column: verified_purchase flag | By a known buyer
-- column: customer_id text | Customer
-- chart: table
-- models: reviews 0..0, products ..
SELECT
  r.occurred_at,
  r.rating,
  r.product_id,
  p.name,
  r.title,
  r.review_text,
  r.verified_purchase,
  r.customer_id
FROM reviews AS r
LEFT JOIN products AS p ON p.product_id = r.product_id
WHERE between_dates(r.local_date)
  AND (:product_id = '' OR r.product_id = :product_id)
  AND (:stars = 0 OR r.rating = :stars)
ORDER BY r.occurred_at DESC, r.review_id
LIMIT :limit
