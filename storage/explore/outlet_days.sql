SELECT day, looks, stored, published, failed, pending, rejected
FROM coverage_daily WHERE source = $source ORDER BY day DESC LIMIT $days
