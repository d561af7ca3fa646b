-- Every outlet with what its numbers are held against: nothing is known of a day that nobody looked at.
SELECT
    c.source, coalesce(s.title, c.source) AS title, s.region, c.followed, c.collected, c.published, c.days_looked, c.days, c.coverage,
    r.last_success, coalesce(i.open_incidents, 0) AS open_incidents
FROM collection(NULL, NULL) c
LEFT JOIN sources s ON s.source = c.source
LEFT JOIN (SELECT source, max(finished_at) FILTER (covered_to IS NOT NULL) AS last_success FROM crawls GROUP BY source) r ON r.source = c.source
LEFT JOIN (SELECT source, count(*) AS open_incidents FROM incidents WHERE closed_at IS NULL GROUP BY source) i ON i.source = c.source
ORDER BY c.collected DESC, c.source
