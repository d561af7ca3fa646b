-- kept.keys holds the names of articles alone: the addresses that served them, and the words of texts.
-- What an article says of itself besides (its platform's number, an address of its own, one that redirected to
-- it) is a witness, which several may claim: it joins two addresses only where the texts agree.
CREATE TABLE kept.claims (
    key        VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL
);

-- A platform's number belongs to a host, and not to a source, which may have several.
INSERT INTO kept.claims
SELECT DISTINCT 'id:' || regexp_extract(v.url, '^https?://(?:www\.)?([^/?#]+)', 1) || ':' || regexp_extract(k.key, '[^:]*$'), k.article_id
FROM kept.keys k
JOIN kept.articles a USING (article_id)
JOIN kept.versions v ON v.article_id = a.article_id AND v.version = a.version
WHERE k.key LIKE 'id:%' AND v.url IS NOT NULL;
DELETE FROM kept.keys WHERE key LIKE 'id:%';

-- Witnesses that articles of unlike texts claimed in one run: they are none any more.
CREATE TABLE kept.discredited (
    key      VARCHAR NOT NULL,
    source   VARCHAR NOT NULL,
    articles INTEGER NOT NULL,      -- of unlike texts, that claimed it when it was found out
    since    TIMESTAMPTZ NOT NULL   -- fetch of the last of them
);
