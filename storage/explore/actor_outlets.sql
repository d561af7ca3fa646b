-- Of the words that an outlet gives to actors of this kind, those in paragraphs that name this one.
SELECT v.source, coalesce(s.title, v.source) AS outlet, v.articles, v.words, v.share_of_words, v.collected, v.published, v.days_looked, v.days
FROM share_of_voice($kind, NULL, NULL) v LEFT JOIN sources s ON s.source = v.source
WHERE v.actor_id = $actor ORDER BY v.articles DESC, v.source
