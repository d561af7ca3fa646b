-- Articles with a mark of payment, of all collected: false only says that no mark was found, so a share is a lower bound.
SELECT a.source, coalesce(any_value(s.title), a.source) AS outlet, count(*) FILTER (a.is_advertorial) AS paid, count(*) AS collected,
       any_value(c.published) AS published, any_value(c.days_looked) AS days_looked, any_value(c.days) AS days
FROM articles a LEFT JOIN sources s ON s.source = a.source
LEFT JOIN collection($since, $until) c ON c.source = a.source
WHERE ($since IS NULL OR a.published_on >= $since) AND ($until IS NULL OR a.published_on <= $until)
GROUP BY a.source HAVING count(*) FILTER (a.is_advertorial) > 0 ORDER BY paid DESC, a.source
