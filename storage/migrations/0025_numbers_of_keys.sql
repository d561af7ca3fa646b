-- A key's number is md5_number_lower(key): a lookup compares numbers, for to unpack and compare the words of all keys
-- costs some seven times as much.
CREATE TABLE kept.numbered_keys (
    key        VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    number     UBIGINT NOT NULL
);
INSERT INTO kept.numbered_keys SELECT key, article_id, md5_number_lower(key) FROM kept.keys;
DROP TABLE kept.keys;
ALTER TABLE kept.numbered_keys RENAME TO keys;

CREATE TABLE kept.numbered_claims (
    key        VARCHAR NOT NULL,
    article_id VARCHAR NOT NULL,
    led_at     TIMESTAMPTZ,         -- when the address was first seen to redirect; null: no redirect, or not noted
    number     UBIGINT NOT NULL
);
INSERT INTO kept.numbered_claims SELECT key, article_id, led_at, md5_number_lower(key) FROM kept.claims;
DROP TABLE kept.claims;
ALTER TABLE kept.numbered_claims RENAME TO claims;

-- MinHash bands of the newest version: candidates for copies. One row per article, and of each hash its lower half: what it
-- finds is compared word by word anyway.
CREATE TABLE kept.bands_of_articles (
    article_id VARCHAR NOT NULL,
    day        DATE NOT NULL,            -- of publication, else of first sight
    hashes     UINTEGER[16] NOT NULL
);
INSERT INTO kept.bands_of_articles
SELECT article_id, any_value(day), list((hash & 4294967295)::UINTEGER ORDER BY band)::UINTEGER[16]
FROM kept.bands GROUP BY article_id ORDER BY min(rowid);
DROP TABLE kept.bands;
ALTER TABLE kept.bands_of_articles RENAME TO bands;
