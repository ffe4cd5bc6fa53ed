-- title: Search overview
-- question: Does the search of the shop work, in one line?
-- group: search
-- note: A click is a click on or view of a product in the same session within 5 minutes; an order is any later one of the session.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- column: searches count | Searches | searches
-- column: terms count | Different terms
-- column: no_result_rate ratio | No-result rate | no_result_rate
-- column: no_click_rate ratio | No-click rate | no_click_rate
-- column: search_purchase_rate ratio | Search to order | search_purchase_rate
-- chart: tiles y=searches,terms,no_result_rate,no_click_rate,search_purchase_rate
-- metrics: searches, no_result_rate, no_click_rate, search_purchase_rate
-- rows: search_terms
-- models: search_sums -1..1
SELECT
  COALESCE(sum_whole(searches), 0) AS searches,
  COUNT(DISTINCT term) AS terms,
  ratio(SUM(no_result), SUM(with_results)) AS no_result_rate,
  ratio(SUM(no_click), SUM(searches)) AS no_click_rate,
  ratio(SUM(ordered), SUM(searches)) AS search_purchase_rate
FROM search_sums
WHERE between_dates(local_date)
