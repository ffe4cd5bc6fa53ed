-- title: Search terms
-- question: What do visitors look for, and do they find and buy it?
-- group: search
-- note: Terms in lower case, without blanks around them. A click is a click on or view of a product in the same session
--   within 5 minutes; an order is any later one of the session.
-- parameter: from date | First day.
-- parameter: to date | Last day.
-- parameter: limit count 1..5000 = 100 | How many terms.
-- column: search_term text | Term
-- column: searches count | Searches | searches
-- column: sessions count | Sessions
-- column: no_result_searches count | Without a result
-- column: no_result_rate ratio | No-result rate | no_result_rate
-- column: no_click_rate ratio | No-click rate | no_click_rate
-- column: search_purchase_rate ratio | Search to order | search_purchase_rate
-- chart: table
-- metrics: searches, no_result_rate, no_click_rate, search_purchase_rate
-- models: searches 0..0, order_sessions 0..1
WITH searched AS (
  SELECT event_id, term, results, occurred_at, session_key, clicked
  FROM searches
  WHERE between_dates(local_date)
),
bought AS (
  SELECT DISTINCT q.event_id
  FROM searched AS q
  INNER JOIN order_sessions AS o ON o.session_key = q.session_key AND o.occurred_at >= q.occurred_at
)
SELECT
  q.term AS search_term,
  COUNT(*) AS searches,
  COUNT(DISTINCT q.session_key) AS sessions,
  COUNT(*) FILTER (WHERE q.results = 0) AS no_result_searches,
  ratio(COUNT(*) FILTER (WHERE q.results = 0), COUNT(q.results)) AS no_result_rate,
  ratio(COUNT(*) FILTER (WHERE NOT q.clicked), COUNT(*)) AS no_click_rate,
  ratio(COUNT(b.event_id), COUNT(*)) AS search_purchase_rate
FROM searched AS q
LEFT JOIN bought AS b ON b.event_id = q.event_id
GROUP BY q.term
ORDER BY 2 DESC, 1
LIMIT :limit
