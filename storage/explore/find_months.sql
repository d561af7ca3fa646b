SELECT date_trunc('month', published_on)::DATE AS value, count(*) AS articles
FROM found WHERE published_on IS NOT NULL
GROUP BY ALL ORDER BY value DESC LIMIT 12
