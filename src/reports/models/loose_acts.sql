-- One row per thing done without a session_id: see acts. They are few in most shops, and found by reading all of a day.
-- days: acts 0..0
-- key: owner
-- keep: days
SELECT a.*, a.visitor_id AS owner
FROM acts AS a
WHERE a.session_id IS NULL
