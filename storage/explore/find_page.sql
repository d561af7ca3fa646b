SELECT
    a.article_id, a.source, s.title AS outlet, s.timezone, a.published_at, a.published_on, a.published_precision, a.title, a.url, a.dateline,
    a.is_advertorial, a.advertorial_sponsor, a.removed_at, a.notice_type, a.duplicate_of IS NOT NULL AS is_copy,
    EXISTS (FROM article_versions v WHERE v.article_id = a.article_id AND v.version_reason = 'edited') AS is_edited,
    p.score
FROM (
    FROM found ORDER BY score DESC NULLS LAST, published_at DESC NULLS LAST, article_id LIMIT $number OFFSET $offset
) p
JOIN articles a ON a.article_id = p.article_id
LEFT JOIN sources s ON s.source = a.source
ORDER BY p.score DESC NULLS LAST, p.published_at DESC NULLS LAST, p.article_id
