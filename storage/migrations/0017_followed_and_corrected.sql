-- Whether the user follows the outlet (setting FOLLOW), as of the last crawl, harvest or merge.
ALTER TABLE kept.sources ADD COLUMN IF NOT EXISTS followed BOOLEAN;
UPDATE kept.sources SET followed = enabled;

-- What an edit took back in substance: phrases of three words that only the version before had. Null: nothing, or found by
-- a Kabar before this was noted.
ALTER TABLE kept.versions ADD COLUMN IF NOT EXISTS retracted VARCHAR[];

-- Copies as they stood before a text of theirs changed: whoever copied what was edited may be no copy of today's text.
CREATE TABLE kept.former_copies (
    original_id VARCHAR NOT NULL,
    copy_id     VARCHAR NOT NULL
);
