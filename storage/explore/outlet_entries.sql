SELECT entry, count(*) AS runs, sum(stored)::BIGINT AS stored, max(started_at) AS last_run
FROM crawls WHERE source = $source GROUP BY ALL ORDER BY last_run DESC, entry LIMIT 20
