-- Every outlet with what its numbers are held against: nothing is known of a day that nobody looked at.
SELECT
    c.source, coalesce(s.title, c.source) AS title, s.region, c.followed, c.collected, c.published, c.days_looked, c.days, c.coverage,
    h.last_success, h.latency, coalesce(len(h.open_incidents), 0) AS open_incidents
FROM collection(NULL, NULL) c
LEFT JOIN sources s ON s.source = c.source
LEFT JOIN source_health h ON h.source = c.source
ORDER BY c.collected DESC, c.source
