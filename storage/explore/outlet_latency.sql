-- From publication to the first row here, of articles that state a time and were met within two days of it.
WITH waited AS (
    SELECT source, first_seen_at - published_at AS latency
    FROM articles
    WHERE source = $source AND published_precision <> 'day' AND first_seen_at BETWEEN published_at AND published_at + INTERVAL 2 DAY
)
SELECT count(*) AS articles, median(epoch(latency)) AS median_s, quantile_cont(epoch(latency), 0.9) AS most_s FROM waited
