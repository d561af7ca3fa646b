SELECT
    count(*) FILTER (is_advertorial) AS paid,
    count(*) FILTER (article_id IN (SELECT article_id FROM article_versions WHERE version_reason = 'edited')) AS edited,
    count(*) FILTER (removed_at IS NOT NULL) AS removed
FROM found
