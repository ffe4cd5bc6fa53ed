-- title: Stock overview
-- question: What lies in stock now, and what is gone?
-- group: inventory
-- note: As it is now, whatever days are chosen. A product without stock in all places together is out of stock.
-- column: products count | Products with stock kept
-- column: on_hand count | Units on hand | on_hand
-- column: out_of_stock count | Out of stock
-- column: low_stock count | Low
-- chart: tiles y=products,on_hand,out_of_stock,low_stock
-- metrics: on_hand
-- rows: stock_cover
-- models: stock ..
WITH summed AS (
  SELECT product_id, sum_whole(on_hand) AS on_hand, sum_whole(low_stock_at) AS low_stock_at
  FROM stock
  GROUP BY product_id
)
SELECT
  COUNT(*) AS products,
  COALESCE(sum_whole(on_hand), 0) AS on_hand,
  COUNT(*) FILTER (WHERE on_hand <= 0) AS out_of_stock,
  COUNT(*) FILTER (WHERE on_hand > 0 AND on_hand <= low_stock_at) AS low_stock
FROM summed
