-- Articles that were erased for good, and when. Which they were is known by keyed hashes alone (tombstones.jsonl).
CREATE TABLE kept.forgotten (
    article_id   VARCHAR NOT NULL,
    source       VARCHAR NOT NULL,
    reason       VARCHAR NOT NULL,
    forgotten_at TIMESTAMPTZ NOT NULL
);
-- The chain of closed segments, as segments/chain.txt has it: a line for each file, and for each that was written anew.
CREATE TABLE kept.chain (
    number    BIGINT NOT NULL,
    previous  VARCHAR NOT NULL,      -- SHA-256 of the line before, as 64 hex digits
    sha256    VARCHAR NOT NULL,      -- of the file
    records   VARCHAR NOT NULL,      -- SHA-256 of the list of its records: a line for each, `OFFSET LENGTH SHA256`
    segment   VARCHAR NOT NULL,
    closed_at TIMESTAMPTZ NOT NULL,  -- when the line was written
    instead   VARCHAR,               -- SHA-256 of the file that this one replaces; null: it replaces none
    tombstone VARCHAR                -- article_id of the erased article that it was written anew without; null when instead is
);
-- What a page says of how it may be used. Null: nothing, or it was read before this was noted.
ALTER TABLE kept.versions ADD COLUMN IF NOT EXISTS usage_notice VARCHAR;
-- When a version came into the database that an older page gave by better rules. Null: with its page.
ALTER TABLE kept.versions ADD COLUMN IF NOT EXISTS known_at TIMESTAMPTZ;
CREATE OR REPLACE VIEW kept.articles AS FROM kept.versions WHERE is_newest;
