-- Articles of each day, and of how many outlets somebody looked at that day: 0 of them is a hole, not a zero.
WITH span AS (
    SELECT max(published_on) AS last FROM articles
), day AS (
    SELECT unnest(generate_series(last - ($days - 1), last, INTERVAL 1 DAY))::DATE AS day FROM span
), stored AS (
    SELECT published_on AS day, count(*) AS articles FROM articles, span WHERE published_on > last - $days GROUP BY ALL
), looked AS (
    SELECT day, count(DISTINCT source) AS outlets
    FROM (
        SELECT source, unnest(generate_series(greatest(covered_from, last - $days), least(covered_to, last), INTERVAL 1 DAY))::DATE AS day
        FROM crawls, span WHERE covered_to > last - $days
    ) GROUP BY ALL
)
SELECT d.day, coalesce(s.articles, 0) AS articles, coalesce(l.outlets, 0) AS outlets_looked_at
FROM day d LEFT JOIN stored s ON s.day = d.day LEFT JOIN looked l ON l.day = d.day
ORDER BY d.day
