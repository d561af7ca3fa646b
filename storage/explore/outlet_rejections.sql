SELECT reason, count(*) AS pages, max(fetched_at) AS last_at
FROM rejections WHERE source = $source GROUP BY ALL ORDER BY pages DESC, reason
