SELECT n.place_id, p.name, p.level, n.mentions, n.is_dateline
FROM article_places n JOIN places p ON p.place_id = n.place_id
WHERE n.article_id = $article ORDER BY n.mentions DESC, n.place_id
