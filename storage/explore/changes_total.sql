SELECT
    (SELECT count(*) FROM article_versions WHERE version_reason = 'edited') AS edits,
    (SELECT count(*) FROM corrections) AS corrections,
    (SELECT count(*) FROM removals WHERE back_at IS NULL) AS removed
