SELECT actor_id, name, kind, party, office, candidacy, gender, valid_from, valid_until, spellings FROM actors WHERE actor_id = $actor
