-- title: Search terms
-- question: What do visitors look for, and do they find and buy it?
-- group: search
-- note: Terms in lower case, without blanks around them. A click is a click on or view of a product in the same session
--   within 5 minutes; an order is any later one of the session.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: by choice(searches,no_result) = searches | What to rank by; no_result leaves out terms that always found something.
-- parameter: limit count 1..5000 = 100 | How many terms.
-- column: search_term text | Term
-- column: searches count | Searches | searches
-- column: sessions count | Sessions
-- column: no_result_searches count | No result
-- column: no_result_rate ratio | No-result rate | no_result_rate
-- column: no_click_rate ratio | No-click rate | no_click_rate
-- column: search_purchase_rate ratio | Search to order | search_purchase_rate
-- chart: table
-- metrics: searches, no_result_rate, no_click_rate, search_purchase_rate
-- models: search_sums -1..1
WITH counted AS (
  SELECT
    term,
    sum_whole(searches) AS searches,
    sum_whole(sessions) AS sessions,
    sum_whole(with_results) AS with_results,
    sum_whole(no_result) AS no_result,
    sum_whole(no_click) AS no_click,
    sum_whole(ordered) AS ordered
  FROM search_sums
  WHERE between_dates(local_date)
  GROUP BY term
)
SELECT
  term AS search_term,
  searches,
  sessions,
  no_result AS no_result_searches,
  ratio(no_result, with_results) AS no_result_rate,
  ratio(no_click, searches) AS no_click_rate,
  ratio(ordered, searches) AS search_purchase_rate
FROM counted
WHERE :by = 'searches' OR no_result > 0
ORDER BY CASE WHEN :by = 'no_result' THEN no_result ELSE 0 END DESC, searches DESC, term
LIMIT :limit
