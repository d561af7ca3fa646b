SELECT actor_id, name, kind FROM actors ORDER BY kind, lower(name), actor_id
