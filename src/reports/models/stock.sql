-- One row per product and location: the stock now.
SELECT product_id, location, level_after AS on_hand, occurred_at AS changed_at, low_stock_at
FROM stock_movements
WHERE next_date IS NULL
