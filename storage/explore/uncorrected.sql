SELECT u.original_id, o.title AS original_title, coalesce(os.title, o.source) AS original_outlet, u.copy_id, c.title AS copy_title,
       coalesce(cs.title, u.copy_source) AS copy_outlet, u.corrected_at, os.timezone, u.days_since
FROM uncorrected_copies u
JOIN articles o ON o.article_id = u.original_id JOIN articles c ON c.article_id = u.copy_id
LEFT JOIN sources os ON os.source = o.source LEFT JOIN sources cs ON cs.source = u.copy_source
ORDER BY u.corrected_at DESC, u.copy_id LIMIT $number
