-- One row per review, the latest where it was sent again.
-- days: review_submitted 0..
SELECT review_id, occurred_at, local_date, dt, product_id, customer_id, rating, title, review_text, verified_purchase
FROM (
  SELECT
    e.*,
    ROW_NUMBER() OVER (PARTITION BY e.review_id ORDER BY e.occurred_at DESC, e.event_id DESC) AS place
  FROM review_submitted AS e
) AS ranked
WHERE place = 1
