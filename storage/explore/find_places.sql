SELECT p.place_id AS value, any_value(p.name) AS name, count(*) AS articles
FROM found f JOIN article_places n ON n.article_id = f.article_id JOIN places p ON p.place_id = n.place_id
GROUP BY p.place_id ORDER BY articles DESC, value LIMIT 12
