SELECT r.article_id, r.source, coalesce(s.title, r.source) AS outlet, a.title, a.published_at, r.gone_from, r.back_at
FROM removals r JOIN articles a ON a.article_id = r.article_id LEFT JOIN sources s ON s.source = r.source
ORDER BY r.gone_from DESC, r.article_id LIMIT $number
