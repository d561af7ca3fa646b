SELECT v.article_id, v.source, coalesce(s.title, v.source) AS outlet, v.title, v.version, v.fetched_at, v.edit_kind, v.edit_share
FROM (
    SELECT article_id, version FROM article_versions WHERE version_reason = 'edited' ORDER BY fetched_at DESC, article_id LIMIT $number OFFSET $offset
) p
JOIN article_versions v ON v.article_id = p.article_id AND v.version = p.version
LEFT JOIN sources s ON s.source = v.source
ORDER BY v.fetched_at DESC, v.article_id
