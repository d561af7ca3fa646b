SELECT f.source AS value, coalesce(any_value(s.title), f.source) AS name, count(*) AS articles
FROM found f LEFT JOIN sources s ON s.source = f.source
GROUP BY f.source ORDER BY articles DESC, value LIMIT 12
