SELECT
    a.*, s.title AS outlet, s.timezone,
    EXISTS (FROM article_versions v WHERE v.article_id = a.article_id AND v.version_reason = 'edited') AS is_edited
FROM (
    SELECT article_id, source, published_at, published_on, published_precision, title, url, dateline, is_advertorial,
           advertorial_sponsor, removed_at, notice_type, duplicate_of IS NOT NULL AS is_copy
    FROM articles WHERE $source IS NULL OR source = $source
    ORDER BY published_at DESC NULLS LAST, article_id LIMIT $number
) a
LEFT JOIN sources s ON s.source = a.source
ORDER BY a.published_at DESC NULLS LAST, a.article_id
