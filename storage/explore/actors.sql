SELECT w.actor_id, w.name, w.kind, w.party, w.office, w.candidacy,
       count(m.article_id) AS articles, count(DISTINCT m.source) AS outlets, count(*) FILTER (m.in_title) AS in_title,
       coalesce(sum(m.words), 0)::BIGINT AS words, max(m.published_on) AS last_day
FROM actors w LEFT JOIN actor_mentions m ON m.actor_id = w.actor_id
GROUP BY ALL ORDER BY w.kind, articles DESC, w.actor_id
