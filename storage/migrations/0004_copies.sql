-- The newest version's fingerprint beside its article: texts that are the same to the word are looked up by it.
ALTER TABLE kept.articles ADD COLUMN IF NOT EXISTS fingerprint VARCHAR;
UPDATE kept.articles a SET fingerprint = v.fingerprint FROM kept.versions v
WHERE a.article_id = v.article_id AND a.version = v.version;

-- Every copy with its original, and how much of one is in the other.
CREATE TABLE kept.copies (
    copy_id     VARCHAR NOT NULL,
    original_id VARCHAR NOT NULL,
    jaccard     DOUBLE NOT NULL,
    containment DOUBLE NOT NULL
);
