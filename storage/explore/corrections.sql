SELECT c.article_id, c.source, coalesce(s.title, c.source) AS outlet, s.timezone, a.title, c.corrected_at, c.kind, c.edit_kind, c.edit_share, a.notice_type
FROM (FROM corrections ORDER BY corrected_at DESC, article_id LIMIT $number OFFSET $offset) c
JOIN articles a ON a.article_id = c.article_id LEFT JOIN sources s ON s.source = c.source
ORDER BY c.corrected_at DESC, c.article_id
