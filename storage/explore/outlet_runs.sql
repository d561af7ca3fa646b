SELECT started_at, finished_at, outcome, requests, stored, known, rejected, failed, pending, message
FROM crawls WHERE source = $source ORDER BY started_at DESC LIMIT 20
