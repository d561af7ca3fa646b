SELECT a.*, s.title AS outlet, s.timezone
FROM articles a LEFT JOIN sources s ON s.source = a.source
WHERE a.article_id = $article
