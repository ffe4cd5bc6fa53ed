-- title: Stock cover
-- question: How long will the stock last, and what is already gone?
-- group: inventory
-- note: Daily units are counted over the days of the period on which the product was in stock: at their end, or because it was sold.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: limit count 1..5000 = 200 | How many products, the shortest cover first.
-- column: product_id text | Product
-- column: name text | Name
-- column: on_hand count | On hand | on_hand
-- column: units count | Units in the period | units
-- column: days_in_stock count | Days in stock
-- column: units_per_day number | Units per day in stock
-- column: days_of_cover number | Days of cover | days_of_cover
-- column: stockout_days days | Days out of stock | stockout_days
-- chart: bar x=product_id y=days_of_cover
-- metrics: on_hand, units, days_of_cover, stockout_days
-- models: stock .., stock_movements .., order_items 0..0, products ..
WITH ends AS (
  SELECT product_id, location, local_date, next_date, level_after
  FROM stock_movements
  WHERE next_date IS NULL OR next_date > local_date
),
daily AS (
  SELECT e.product_id, d.day, sum_whole(e.level_after) AS level
  FROM ends AS e
  INNER JOIN each_day(:from, :to, d)
    ON d.day >= e.local_date AND d.day <= :today AND (e.next_date IS NULL OR d.day < e.next_date)
  GROUP BY e.product_id, d.day
),
sold AS (
  SELECT product_id, local_date AS day, sum_whole(quantity) AS units
  FROM order_items
  WHERE between_dates(local_date)
  GROUP BY product_id, local_date
),
days AS (
  SELECT
    COALESCE(l.product_id, s.product_id) AS product_id,
    COALESCE(s.units, 0) AS units,
    CASE WHEN COALESCE(l.level, 0) > 0 OR COALESCE(s.units, 0) > 0 THEN 1 ELSE 0 END AS in_stock
  FROM daily AS l
  FULL JOIN sold AS s ON s.product_id = l.product_id AND s.day = l.day
),
summed AS (
  SELECT
    product_id,
    sum_whole(units) AS units,
    sum_whole(in_stock) AS days_in_stock,
    sum_whole(1 - in_stock) AS stockout_days
  FROM days
  GROUP BY product_id
),
now_on_hand AS (
  SELECT product_id, sum_whole(on_hand) AS on_hand
  FROM stock
  GROUP BY product_id
)
SELECT
  h.product_id,
  p.name,
  h.on_hand,
  COALESCE(s.units, 0) AS units,
  COALESCE(s.days_in_stock, 0) AS days_in_stock,
  ratio(s.units, s.days_in_stock) AS units_per_day,
  ratio(CASE WHEN h.on_hand > 0 THEN h.on_hand ELSE 0 END, ratio(s.units, s.days_in_stock)) AS days_of_cover,
  COALESCE(s.stockout_days, 0) AS stockout_days
FROM now_on_hand AS h
LEFT JOIN summed AS s ON s.product_id = h.product_id
LEFT JOIN products AS p ON p.product_id = h.product_id
ORDER BY 7 NULLS LAST, h.product_id
LIMIT :limit
