SELECT a.source, coalesce(any_value(s.title), a.source) AS name, count(*) AS articles
FROM articles a LEFT JOIN sources s ON s.source = a.source
GROUP BY a.source ORDER BY lower(name), a.source
