SELECT m.actor_id, w.name, w.kind, w.spellings, m.mentions, m.in_title, m.in_lead, m.words, m.share
FROM actor_mentions m JOIN actors w ON w.actor_id = m.actor_id
WHERE m.article_id = $article ORDER BY m.mentions DESC, m.actor_id
