SELECT count(*) AS stories FROM (SELECT 1 FROM articles GROUP BY story_id HAVING count(DISTINCT source) > 1)
