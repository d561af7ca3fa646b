SELECT
    count(*) AS articles,
    count(DISTINCT story_id) AS stories,
    count(DISTINCT source) AS outlets,
    min(published_on) AS first_day,
    max(published_on) AS last_day,
    max(last_seen_at) AS last_seen_at,
    count(*) FILTER (is_advertorial) AS paid,
    count(*) FILTER (removed_at IS NOT NULL) AS removed,
    (SELECT count(DISTINCT article_id) FROM article_versions WHERE version_reason = 'edited') AS edited,
    (SELECT count(*) FROM incidents WHERE closed_at IS NULL) AS open_incidents
FROM articles
