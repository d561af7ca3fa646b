SELECT a.*, s.title AS outlet, s.timezone, a.duplicate_of IS NOT NULL AS is_copy,
       EXISTS (FROM article_versions v WHERE v.article_id = a.article_id AND v.version_reason = 'edited') AS is_edited
FROM articles a LEFT JOIN sources s ON s.source = a.source
WHERE a.article_id = $article
