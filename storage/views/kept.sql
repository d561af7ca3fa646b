-- What several views and macros ask of the store's own tables; defined before them.

-- The days that each run looked at. No outlet published before 1995, and nobody looked at a day to come, whatever a clock
-- or an argument said.
CREATE OR REPLACE VIEW kept.covered AS
SELECT source, greatest(covered_from, DATE '1995-01-01') AS covered_from, least(covered_to, (now() + INTERVAL 1 DAY)::DATE) AS covered_to
FROM kept.crawls WHERE covered_to >= DATE '1995-01-01' AND covered_from <= (now() + INTERVAL 1 DAY)::DATE;

-- The day that an article counts by: that of publication, without one that of the first sight, in the outlet's zone.
CREATE OR REPLACE VIEW kept.article_days AS
SELECT a.article_id, a.source, coalesce(a.published_on, (a.first_seen_at AT TIME ZONE coalesce(s.timezone, 'Asia/Jakarta'))::DATE) AS day
FROM kept.articles a LEFT JOIN kept.sources s ON s.source = a.source;
