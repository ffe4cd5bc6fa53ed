-- Orders and their total by day and country, from the Parquet files alone.
SELECT
  dt,
  coalesce(shipping_address.country, 'unknown') AS country,
  count(*) AS orders,
  sum(total_amount) AS total
FROM order_created
GROUP BY ALL
ORDER BY dt, country;
