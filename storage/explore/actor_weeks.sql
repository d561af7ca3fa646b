-- Articles of each week that name the actor, of all that were collected; without a look at any outlet nothing is known of a week.
WITH article AS (
    SELECT date_trunc('week', published_on)::DATE AS week, article_id FROM articles WHERE published_on IS NOT NULL
), collected AS (
    SELECT week, count(*) AS collected FROM article GROUP BY ALL
), named AS (
    SELECT date_trunc('week', published_on)::DATE AS week, count(*) AS articles FROM actor_mentions WHERE actor_id = $actor GROUP BY ALL
), span AS (
    SELECT max(week) AS last, greatest(min(week), max(week) - 7 * ($weeks - 1)) AS first FROM article
), looked AS (
    SELECT DISTINCT date_trunc('week', day)::DATE AS week
    FROM (
        SELECT unnest(generate_series(greatest(covered_from, first), least(covered_to, last + 6), INTERVAL 1 DAY)) AS day
        FROM crawls, span WHERE covered_to >= first
    )
)
SELECT g.week, coalesce(n.articles, 0) AS articles, coalesce(c.collected, 0) AS collected, l.week IS NOT NULL AS is_looked_at
FROM (SELECT unnest(generate_series(first, last, INTERVAL 7 DAY))::DATE AS week FROM span) g
LEFT JOIN collected c ON c.week = g.week LEFT JOIN named n ON n.week = g.week LEFT JOIN looked l ON l.week = g.week
ORDER BY g.week
