-- Who takes texts from whom, of copies between two outlets.
SELECT coalesce(o.title, c.original_source) AS original, coalesce(t.title, c.copy_source) AS taken_by, count(*) AS copies,
       median(epoch(c.lag)) FILTER (c.direction_certain) AS lag_s
FROM copies c LEFT JOIN sources o ON o.source = c.original_source LEFT JOIN sources t ON t.source = c.copy_source
WHERE c.original_source <> c.copy_source
GROUP BY ALL ORDER BY copies DESC, original, taken_by LIMIT 20
