-- The articles of one story: the original first, then its copies in the order of their publication.
SELECT
    a.article_id, a.source, s.title AS outlet, s.timezone, a.title, a.url, a.published_at, a.published_on, a.published_precision,
    a.credited_source, a.removed_at, a.word_count, a.duplicate_of IS NULL AS is_original,
    c.jaccard, c.containment, c.lag, c.direction_certain
FROM articles a
LEFT JOIN copies c ON c.copy_id = a.article_id
LEFT JOIN sources s ON s.source = a.source
WHERE a.story_id = $story
ORDER BY is_original DESC, a.published_at NULLS LAST, a.article_id
