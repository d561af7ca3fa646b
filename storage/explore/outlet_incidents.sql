SELECT kind, opened_at, closed_at, detail FROM incidents WHERE source = $source ORDER BY opened_at DESC, kind LIMIT 50
