a.article_id IN (SELECT article_id FROM actor_mentions WHERE actor_id = $actor)
