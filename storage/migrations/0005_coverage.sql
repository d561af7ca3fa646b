-- Every link that was ever discovered and what became of it, as the ledger told last.
CREATE TABLE kept.links (
    key    VARCHAR NOT NULL,     -- of the address: in kept.keys it is called url:KEY
    source VARCHAR NOT NULL,
    state  VARCHAR NOT NULL,     -- pending | fetched | failed | gone | excluded | rejected
    day    DATE NOT NULL,        -- its own as far as discovery says, else that of discovery
    led_to VARCHAR               -- that of the article that it led to, where it is another
);

-- What an outlet's own complete list of a day says that it published then, as read last.
CREATE TABLE kept.published (
    source    VARCHAR NOT NULL,
    day       DATE NOT NULL,
    published INTEGER NOT NULL,
    entry     VARCHAR NOT NULL,  -- the list
    told_at   TIMESTAMPTZ NOT NULL
);

-- The days that a run looked at, in the outlet's zone; null: none.
ALTER TABLE kept.crawls ADD COLUMN IF NOT EXISTS covered_from DATE;
ALTER TABLE kept.crawls ADD COLUMN IF NOT EXISTS covered_to DATE;
