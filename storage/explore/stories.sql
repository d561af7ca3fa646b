-- Stories that several outlets carried, the newest first.
WITH carried AS (
    SELECT story_id, count(*) AS articles, count(DISTINCT source) AS outlets, min(published_at) AS first_at, max(published_at) AS last_at
    FROM articles GROUP BY story_id HAVING count(DISTINCT source) > 1
), page AS (
    FROM carried ORDER BY first_at DESC NULLS LAST, story_id LIMIT $number OFFSET $offset
)
SELECT
    p.story_id, p.articles, p.outlets, p.last_at - p.first_at AS spread,
    max(a.title) FILTER (a.duplicate_of IS NULL) AS title,
    max(a.article_id) FILTER (a.duplicate_of IS NULL) AS original_id,
    max(coalesce(s.title, a.source)) FILTER (a.duplicate_of IS NULL) AS original_outlet,
    max(a.published_at) FILTER (a.duplicate_of IS NULL) AS published_at,
    max(a.published_on) FILTER (a.duplicate_of IS NULL) AS published_on,
    max(a.published_precision) FILTER (a.duplicate_of IS NULL) AS published_precision,
    max(s.timezone) FILTER (a.duplicate_of IS NULL) AS timezone,
    list_sort(list(DISTINCT coalesce(s.title, a.source)) FILTER (a.duplicate_of IS NOT NULL)) AS copied_by
FROM page p JOIN articles a ON a.story_id = p.story_id LEFT JOIN sources s ON s.source = a.source
GROUP BY p.story_id, p.articles, p.outlets, p.first_at, p.last_at ORDER BY p.first_at DESC NULLS LAST, p.story_id
