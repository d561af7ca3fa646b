SELECT w.actor_id AS value, any_value(w.name) AS name, count(*) AS articles
FROM found f JOIN actor_mentions m ON m.article_id = f.article_id JOIN actors w ON w.actor_id = m.actor_id
GROUP BY w.actor_id ORDER BY articles DESC, value LIMIT 12
