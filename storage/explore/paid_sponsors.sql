SELECT advertorial_sponsor AS sponsor, count(*) AS articles, count(DISTINCT source) AS outlets
FROM articles
WHERE is_advertorial AND advertorial_sponsor IS NOT NULL
  AND ($since IS NULL OR published_on >= $since) AND ($until IS NULL OR published_on <= $until)
GROUP BY ALL ORDER BY articles DESC, sponsor LIMIT 20
