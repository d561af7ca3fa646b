SELECT a.article_id, $score AS score, a.source, a.published_at, a.published_on, a.is_advertorial, a.removed_at
FROM articles a
