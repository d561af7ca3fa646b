-- What looks at known articles saw, by address, so that removals can be decided anew in whatever order segments come.
CREATE TABLE kept.absences (
    source VARCHAR NOT NULL,
    key    VARCHAR NOT NULL,      -- of the address asked for, as in kept.keys
    url    VARCHAR NOT NULL,      -- that answered: the front page, where it led there
    looked_at TIMESTAMPTZ NOT NULL,
    reason VARCHAR NOT NULL       -- 404 | 410 | soft_404 | listing_page | removed: noted when one look was held for enough
);
CREATE TABLE kept.sightings (
    key VARCHAR NOT NULL,         -- as in kept.keys
    looked_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE kept.removals (
    article_id VARCHAR NOT NULL,
    gone_from  TIMESTAMPTZ NOT NULL,
    back_at    TIMESTAMPTZ        -- null: it is gone
);
INSERT INTO kept.absences
SELECT a.source, min(k.key), min(v.url), a.removed_at, 'removed'
FROM kept.articles a JOIN kept.versions v USING (article_id, version) JOIN kept.keys k ON k.article_id = a.article_id
WHERE a.removed_at IS NOT NULL AND v.url IS NOT NULL AND k.key LIKE 'url:%'
GROUP BY a.article_id, a.source, a.removed_at;
INSERT INTO kept.removals SELECT article_id, removed_at, NULL FROM kept.articles WHERE removed_at IS NOT NULL;
